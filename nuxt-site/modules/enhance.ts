/** Bundles `enhance/index.ts` into one hashed file in `/_nuxt/`; its address is importable from `#build/enhance.mjs`. */
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { addTemplate, addTypeTemplate, defineNuxtModule } from '@nuxt/kit'
import { build } from 'vite'

const ONE_YEAR_SECONDS = 31_536_000

async function bundle(root: string): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'warn',
    root,
    build: {
      write: false,
      target: 'es2022',
      minify: true,
      modulePreload: false,
      rollupOptions: { input: join(root, 'enhance/index.ts'), output: { format: 'es' } },
    },
  })
  const first = [result].flat()[0]
  if (!first || !('output' in first)) throw new Error('The enhancement script was not built')
  return first.output[0].code
}

export default defineNuxtModule({
  meta: { name: 'enhance' },
  async setup(_options, nuxt) {
    const code = await bundle(nuxt.options.rootDir)
    const name = `enhance.${createHash('sha256').update(code).digest('hex').slice(0, 10)}.js`
    const folder = join(nuxt.options.buildDir, 'enhance')

    nuxt.hook('build:before', () => {
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, name), code)
    })
    nuxt.hook('nitro:config', (config) => {
      config.publicAssets ||= []
      config.publicAssets.push({ dir: folder, baseURL: '/_nuxt', maxAge: ONE_YEAR_SECONDS })
    })
    addTemplate({ filename: 'enhance.mjs', write: true, getContents: () => `export default ${JSON.stringify(`/_nuxt/${name}`)}\n` })
    addTypeTemplate({ filename: 'types/enhance.d.ts', getContents: () => `declare module '#build/enhance.mjs' {\n  const address: string\n  export default address\n}\n` })
  },
})
