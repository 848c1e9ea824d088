/* The listing's edit page: dependent selects, dropped photos, and where the car can be seen. */
(() => {
    const token = () => document.querySelector("[name=csrfmiddlewaretoken]").value;

    /* --- Models of the chosen make, generations of the chosen model ----------------------------- */
    function followParent(select) {
        const parent = document.getElementById(select.dataset.dependsOn);
        if (!parent) return;
        const empty = select.options[0];
        const lock = () => { select.disabled = select.options.length < 2; };
        const refill = async () => {
            const chosen = select.value;
            const response = await fetch(`${select.dataset.options}?parent=${encodeURIComponent(parent.value)}`);
            const rows = response.ok ? await response.json() : [];
            select.replaceChildren(empty, ...rows.map(([id, name]) => new Option(name, id)));
            select.value = rows.some(([id]) => String(id) === chosen) ? chosen : "";
            lock();
            select.dispatchEvent(new Event("change", { bubbles: true }));
        };
        parent.addEventListener("change", refill);
        if (parent.value && select.options.length < 2) refill(); else lock();
    }

    /* --- Photos: several at once, one request each, errors by file name ------------------------- */
    window.listingPhotoDrop = (panel, options) => {
        const box = document.querySelector("[data-photo-drop]");
        const input = box.querySelector("input");
        const progress = box.querySelector("progress");
        const state = box.querySelector(".photo-drop__state");
        const errors = box.querySelector(".photo-drop__errors");

        const complain = (name, message) => {
            const item = document.createElement("li");
            item.textContent = `${box.dataset.failed}: ${name}. ${message}`;
            errors.append(item);
        };
        const upload = async (file) => {
            const body = new FormData();
            body.append("file", file);
            body.append("dealer", document.getElementById("id_dealer")?.value ?? "");
            const response = await fetch(box.dataset.photoDrop, {
                method: "POST", body, headers: { "X-CSRFToken": token() },
            });
            const answer = await response.json().catch(() => ({ error: `${response.status}` }));
            if (!response.ok) return complain(file.name, answer.error);
            panel.addForm();
            const field = `${options.formsetPrefix}-${panel.formCount - 1}-${options.chooserFieldName}`;
            panel.chooserWidgetFactory.getById(field).setStateFromModalData(answer);
        };
        const uploadAll = async (files) => {
            errors.replaceChildren();
            progress.hidden = false;
            progress.max = files.length;
            for (const [index, file] of files.entries()) {
                progress.value = index;
                state.textContent = box.dataset.uploading
                    .replace("{done}", index + 1).replace("{all}", files.length);
                try {
                    await upload(file);
                } catch (error) {
                    complain(file.name, error.message);
                }
            }
            progress.hidden = true;
            state.textContent = "";
            input.value = "";
        };
        input.addEventListener("change", () => uploadAll([...input.files]));
        for (const name of ["dragover", "dragleave", "drop"]) {
            box.addEventListener(name, (event) => {
                event.preventDefault();
                box.classList.toggle("photo-drop--over", name === "dragover");
                if (name === "drop") uploadAll([...event.dataTransfer.files]);
            });
        }
    };

    /* --- A trim fills in what it knows: only what is empty or what the last trim filled in -------- */
    function followTrim(select) {
        const filled = {};
        select.addEventListener("change", async () => {
            if (!select.value) return;
            const response = await fetch(select.dataset.fills.replace("/0/", `/${encodeURIComponent(select.value)}/`));
            if (!response.ok) return;
            for (const [name, value] of Object.entries(await response.json())) {
                const field = document.getElementById(`id_${name}`);
                if (!field || (field.value && field.value !== filled[name])) continue;
                field.value = filled[name] = String(value);
                field.dispatchEvent(new Event("change", { bubbles: true }));
            }
        });
    }

    /* --- Where it can be seen: looks again every two seconds while the page is in front ---------- */
    function followPlaces(panel) {
        let shown = "";
        const refresh = async () => {
            if (document.hidden) return;
            const response = await fetch(panel.dataset.listingPlaces);
            const html = response.ok ? await response.text() : shown;
            if (html !== shown) panel.innerHTML = shown = html;
        };
        panel.addEventListener("click", async (event) => {
            const button = event.target.closest("[data-post]");
            if (!button) return;
            button.disabled = true;
            await fetch(button.dataset.post, { method: "POST", headers: { "X-CSRFToken": token() }, redirect: "manual" });
            shown = "";
            refresh();
        });
        refresh();
        setInterval(refresh, 2000);
    }

    document.addEventListener("DOMContentLoaded", () => {
        document.querySelectorAll("[data-depends-on]").forEach(followParent);
        document.querySelectorAll("[data-fills]").forEach(followTrim);
        document.querySelectorAll("[data-listing-places]").forEach(followPlaces);
    });
})();
