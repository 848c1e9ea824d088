/* Pages of imports: dropped files, columns chosen twice, progress, cells that are typed again. All work without it too. */
(() => {
    const PERIOD = 1000;

    /* --- The file: dropped anywhere on its field --------------------------------------------------- */
    function dropOn(box) {
        const input = box.querySelector("input[type=file]");
        const mark = (on) => (event) => {
            event.preventDefault();
            box.classList.toggle("import-drop--over", on);
        };
        box.addEventListener("dragover", mark(true));
        box.addEventListener("dragleave", mark(false));
        box.addEventListener("drop", (event) => {
            mark(false)(event);
            if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
        });
    }

    /* --- The columns: what is chosen once cannot be chosen again, what is needed is ticked --------- */
    function followColumns(form) {
        const selects = [...form.querySelectorAll("select[name^=column-]")];
        const field = (select) => select.selectedOptions[0]?.dataset.field;
        const update = () => {
            const taken = new Set(selects.map(field).filter(Boolean));
            for (const select of selects) {
                for (const option of select.options) {
                    option.disabled = taken.has(option.dataset.field) && option.dataset.field !== field(select);
                }
            }
            for (const item of form.querySelectorAll("[data-required]")) {
                const filled = item.dataset.required.split(" ").some((name) => taken.has(name));
                item.classList.toggle("import-required--filled", filled);
            }
        };
        form.addEventListener("change", update);
        update();
    }

    /* --- Progress: asked every second; when the work has ended, the page shows what came of it ----- */
    function showNumbers(answer) {
        for (const [name, count] of Object.entries(answer.counts)) {
            const place = document.querySelector(`[data-count=${name}]`);
            if (place) place.textContent = count;
        }
    }
    /* Photos go on coming while somebody corrects rows: nothing that is typed gets lost. */
    const isTyping = () => [...document.querySelectorAll("[data-import-row] :is(input[type=text], textarea)")]
        .some((cell) => cell === document.activeElement || cell.value !== cell.defaultValue);

    function followProgress(box) {
        const bar = box.querySelector("progress");
        const text = box.querySelector("[data-import-text]");
        const photos = box.querySelector("[data-import-photos]");
        const write = (place, words) => { if (place.textContent !== words) place.textContent = words; };
        const ask = async () => {
            try {
                const response = await fetch(box.dataset.importProgress, { headers: { Accept: "application/json" } });
                if (response.redirected || !response.ok) return location.reload();
                const answer = await response.json();
                if (answer.state !== box.dataset.state) return location.reload();
                if (bar && answer.percent === null) bar.removeAttribute("value");
                else if (bar) bar.value = answer.percent;
                write(text, answer.text);
                write(photos, answer.photos);
                showNumbers(answer);
                if (!answer.moving) return isTyping() || location.reload();
            } catch {
                /* No connection for a moment: the next second asks again. */
            }
            setTimeout(ask, PERIOD);
        };
        if (box.dataset.moving === "yes" || box.dataset.photosMoving === "yes") setTimeout(ask, PERIOD);
    }

    /* --- A refused row: judged again at once, the row is replaced in its place -------------------- */
    const say = (words) => { document.querySelector("[data-import-message]").textContent = words; };

    async function correct(form) {
        const button = form.querySelector("button");
        button.disabled = true;
        try {
            const response = await fetch(form.action, {
                method: "POST", body: new FormData(form), headers: { Accept: "application/json" },
            });
            if (response.redirected) return form.submit();
            const answer = await response.json();
            if (!response.ok) return say(answer.error);
            const row = form.closest("tr");
            const fresh = document.createElement("template");
            fresh.innerHTML = answer.row.trim();
            const next = fresh.content.firstElementChild;
            row.replaceWith(next);
            const actions = document.createElement("template");
            actions.innerHTML = answer.actions.trim();
            document.querySelector("[data-import-actions]").replaceWith(actions.content.firstElementChild);
            showNumbers(answer);
            say(answer.message);
            (next.querySelector("[aria-invalid]") ?? next).focus();
        } catch {
            form.submit();
        } finally {
            button.disabled = false;
        }
    }

    const each = (selector, act) => document.querySelectorAll(selector).forEach(act);
    each("[data-import-drop]", dropOn);
    each("[data-import-columns]", followColumns);
    each("[data-import-progress]", followProgress);
    document.addEventListener("submit", (event) => {
        if (!event.target.matches("[data-import-row]")) return;
        event.preventDefault();
        correct(event.target);
    });
})();
