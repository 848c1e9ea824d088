/* How many rows are ticked: Wagtail's own words know one plural form, Russian has three. */
(() => {
    const { some, page, list } = document.currentScript.dataset;
    const words = { SINGULAR: some.replace("%(objects)s", "1"), PLURAL: some, ALL: page, ALL_IN_LISTING: list };
    Object.values(window.wagtailConfig?.STRINGS?.BULK_ACTIONS ?? {}).forEach((kind) => Object.assign(kind, words));
})();
