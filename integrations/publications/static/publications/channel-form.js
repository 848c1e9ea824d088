// Shows how a car reads in the channel while somebody types the template. Without it the form works all the same.
(() => {
  const help = document.querySelector("[data-template-preview]");
  const field = document.querySelector("textarea[data-template]");
  if (!help || !field) return;
  const find = (name) => help.querySelector(`[data-${name}]`);
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const PAUSE = 300; // milliseconds without a key before it is asked
  let timer = 0;
  let latest = 0;

  const show = (answer) => {
    find("text").textContent = answer.text;
    find("count").textContent = answer.text ? `${answer.length} / ${answer.limit}` : "";
    find("car").textContent = answer.car;
    find("problems").replaceChildren(...answer.problems.map((words) => {
      const item = document.createElement("li");
      item.textContent = words;
      return item;
    }));
  };

  const ask = async () => {
    const mine = ++latest;
    const body = new URLSearchParams({ template: field.value });
    const response = await fetch(help.dataset.templatePreview, { method: "POST", body, headers: { "X-CSRFToken": token } });
    if (response.ok && mine === latest) show(await response.json());
  };

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  help.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    if (!button) return;
    field.setRangeText(button.dataset.insert, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  ask();
})();
