import address from '#build/enhance.mjs'

interface RouteRuledContext {
  _nitro?: { routeRules?: { noScripts?: boolean } }
}

/** Pages that do not hydrate get the small hand-made script instead. `getRouteRules()` hides `noScripts`, the event shows it. */
export default defineNuxtPlugin(() => {
  const context = useRequestEvent()?.context as RouteRuledContext | undefined
  if (context?._nitro?.routeRules?.noScripts) {
    useHead({ script: [{ src: address, type: 'module', tagPosition: 'head' }] })
  }
})
