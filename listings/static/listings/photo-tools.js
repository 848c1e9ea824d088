/* The listing's edit page: a dialog in which somebody covers parts of a photo or says what must stay in sight. */
(() => {
    const STEP = 0.01;
    const SMALLEST = 0.01;
    const NEW_PLACE = { x: 0.4, y: 0.6, width: 0.2, height: 0.08 };
    const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

    const within = (value, low, high) => Math.min(Math.max(value, low), high);
    const percent = (fraction) => `${fraction * 100}%`;

    function setUp(dialog) {
        const stage = dialog.querySelector("[data-stage]");
        const picture = stage.querySelector("img");
        const error = dialog.querySelector("[data-error]");
        const token = () => document.querySelector("[name=csrfmiddlewaretoken]").value;
        let tool = "", address = "", card = null, places = [], point = null;

        /* --- Marks: every place is a box that fingers, mice and keys can move -------------------- */
        function draw(focused = -1) {
            stage.querySelectorAll("[data-mark]").forEach((mark) => mark.remove());
            if (tool === "cover") places.forEach((place, index) => stage.append(placeMark(place, index)));
            if (tool === "focus" && point) stage.append(pointMark());
            stage.querySelectorAll("[data-mark]")[focused]?.focus();
            for (const save of dialog.querySelectorAll("[data-save]")) {
                save.disabled = tool === "cover" && !places.length;
            }
        }
        function mark(kind, label) {
            const element = document.createElement("div");
            element.className = `photo-dialog__${kind}`;
            element.dataset.mark = "";
            element.tabIndex = 0;
            element.setAttribute("role", "group");
            element.setAttribute("aria-label", label);
            return element;
        }
        function placeMark(place, index) {
            const element = mark("place", dialog.dataset.place.replace("{number}", index + 1));
            for (const [side, value] of [["left", place.x], ["top", place.y], ["width", place.width], ["height", place.height]]) {
                element.style[side] = percent(value);
            }
            element.addEventListener("keydown", (event) => onPlaceKey(event, place, index));
            return element;
        }
        function pointMark() {
            const element = mark("point", dialog.dataset.point);
            element.style.left = percent(point.x);
            element.style.top = percent(point.y);
            element.addEventListener("keydown", (event) => {
                const move = MOVES[event.key];
                if (!move) return;
                event.preventDefault();
                point = { x: within(point.x + move[0] * STEP, 0, 1), y: within(point.y + move[1] * STEP, 0, 1) };
                draw(0);
            });
            return element;
        }
        function onPlaceKey(event, place, index) {
            const move = MOVES[event.key];
            if (event.key === "Delete" || event.key === "Backspace") {
                places.splice(index, 1);
                draw(Math.max(index - 1, 0));
                if (!places.length) dialog.querySelector("[data-add]").focus();
            } else if (move && event.shiftKey) {
                place.width = within(place.width + move[0] * STEP, SMALLEST, 1 - place.x);
                place.height = within(place.height + move[1] * STEP, SMALLEST, 1 - place.y);
                draw(index);
            } else if (move) {
                place.x = within(place.x + move[0] * STEP, 0, 1 - place.width);
                place.y = within(place.y + move[1] * STEP, 0, 1 - place.height);
                draw(index);
            } else {
                return;
            }
            event.preventDefault();
        }

        /* --- Drawing: one finger or the mouse, from corner to corner ----------------------------- */
        function where(event) {
            const box = picture.getBoundingClientRect();
            return {
                x: within((event.clientX - box.left) / box.width, 0, 1),
                y: within((event.clientY - box.top) / box.height, 0, 1),
            };
        }
        function onPress(event) {
            if (!event.isPrimary || event.button > 0 || !address) return;
            event.preventDefault();
            const start = where(event);
            const held = event.target.closest(".photo-dialog__place");
            const index = held ? [...stage.querySelectorAll("[data-mark]")].indexOf(held) : places.length;
            const before = held && { ...places[index] };
            const follow = (moved) => {
                if (moved.pointerId !== event.pointerId) return;
                const now = where(moved);
                if (tool === "focus") point = now;
                else if (before) {
                    places[index].x = within(before.x + now.x - start.x, 0, 1 - before.width);
                    places[index].y = within(before.y + now.y - start.y, 0, 1 - before.height);
                } else {
                    places[index] = {
                        x: Math.min(start.x, now.x), y: Math.min(start.y, now.y),
                        width: Math.abs(now.x - start.x), height: Math.abs(now.y - start.y),
                    };
                }
                draw();
            };
            const end = (ended) => {
                if (ended.pointerId !== event.pointerId) return;
                for (const name of ["pointermove", "pointerup", "pointercancel"]) {
                    window.removeEventListener(name, name === "pointermove" ? follow : end);
                }
                places = places.filter((place) => place.width >= SMALLEST && place.height >= SMALLEST);
                draw(Math.min(index, places.length - 1));
            };
            window.addEventListener("pointermove", follow);
            window.addEventListener("pointerup", end);
            window.addEventListener("pointercancel", end);
            follow(event);
        }

        /* --- Opening and saving ----------------------------------------------------------------- */
        function show({ url, width, height }) {
            picture.width = width;
            picture.height = height;
            /* As large as it can be while all of it, and the buttons, are on the screen. */
            stage.style.setProperty("--shape", width / height);
            picture.src = url;
        }
        async function ask(url, options) {
            error.textContent = "";
            try {
                const response = await fetch(url, options);
                const answer = await response.json();
                if (response.ok) return answer;
                error.textContent = answer.error ?? dialog.dataset.lost;
            } catch {
                error.textContent = dialog.dataset.lost;
            }
            return null;
        }
        async function open(button) {
            card = button.closest("[data-inline-panel-child]");
            const id = card.querySelector("input[type=hidden][name$='-image']").value;
            if (!id) return;
            tool = button.dataset.photoTool;
            [places, point, address] = [[], null, ""];
            for (const part of dialog.querySelectorAll("[data-for]")) part.hidden = part.dataset.for !== tool;
            picture.removeAttribute("src");
            draw();
            dialog.showModal();
            const wanted = dialog.dataset.photoDialog.replace("/0/", `/${encodeURIComponent(id)}/`);
            const answer = await ask(wanted, { headers: { Accept: "application/json" } });
            if (!answer || !dialog.open) return;
            address = wanted;
            point = answer.focus && { x: answer.focus[0], y: answer.focus[1] };
            show(answer.picture);
            draw();
        }
        async function save(button) {
            const body = tool === "cover"
                ? { areas: places.map(({ x, y, width, height }) => [x, y, Math.min(width, 1), Math.min(height, 1)]) }
                : { focus: point && [point.x, point.y] };
            button.disabled = true;
            const answer = address && await ask(`${address}${tool}/`, {
                method: "POST",
                headers: { "X-CSRFToken": token(), "Content-Type": "application/json", Accept: "application/json" },
                body: JSON.stringify(body),
            });
            button.disabled = false;
            if (!answer) return;
            const thumbnail = card.querySelector("[data-chooser-image]");
            if (answer.preview && thumbnail) thumbnail.src = answer.preview.url;
            dialog.close();
        }

        stage.addEventListener("pointerdown", onPress);
        dialog.querySelector("[data-add]").addEventListener("click", () => {
            places.push({ ...NEW_PLACE });
            draw(places.length - 1);
        });
        dialog.querySelector("[data-middle]").addEventListener("click", () => { point = null; draw(); });
        dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
        for (const button of dialog.querySelectorAll("[data-save]")) button.addEventListener("click", () => save(button));
        document.addEventListener("click", (event) => {
            const button = event.target.closest("[data-photo-tool]");
            if (button) open(button);
        });
    }

    /* Wagtail takes a moved photo out of the page for a moment: the keyboard's place would be lost. */
    function keepFocus(event) {
        const MOVERS = "[data-inline-panel-child-move-up], [data-inline-panel-child-move-down]";
        const button = event.target.closest("#id_photos-FORMS button");
        if (!button?.matches(MOVERS)) return;
        setTimeout(() => {
            const card = button.closest("[data-inline-panel-child]");
            (button.disabled ? card.querySelector(`:is(${MOVERS}):not(:disabled)`) : button)?.focus();
        });
    }

    document.addEventListener("DOMContentLoaded", () => {
        document.addEventListener("click", keepFocus);
        /* Outside the page's form: a dialog is no field of it. */
        const dialog = document.querySelector("[data-photo-dialog]");
        if (!dialog) return;
        document.body.append(dialog);
        setUp(dialog);
    });
})();
