"use strict";
// Everything here makes quicker what works without it. Nothing is remembered outside the page.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const typing = (node) => node.closest("input:not([type=checkbox]):not([type=radio]), select, textarea, [contenteditable]");

  // --- boxes: «tout cocher», a box over its children, the selection bar --------------------------------------
  const choices = (scope) => all("input[type=checkbox]:not([data-all])", scope).filter((box) => !box.disabled);
  const reflect = (box, under) => {
    const ticked = under.filter((one) => one.checked).length;
    box.checked = under.length > 0 && ticked === under.length;
    box.indeterminate = ticked > 0 && ticked < under.length || under.some((one) => one.indeterminate);
  };
  const children = (group) => all(":scope > ul input[type=checkbox]", group);
  const scopeOf = (box) => box.closest("fieldset, form[data-select], table");
  const picked = (form) => all("[data-pick]", form).filter((box) => box.checked);

  function sync(scope) {
    for (const group of all("[data-group]", scope).reverse()) {
      reflect(group.querySelector("input"), children(group));
    }
    for (const box of all("[data-all]", scope)) {
      const within = scopeOf(box);
      reflect(box, within.matches("fieldset") ? choices(within) : all("[data-pick]", within));
    }
    for (const form of all("form[data-select]", scope.parentNode || document)) {
      const number = picked(form).length;
      for (const bar of all("[data-bar]", form)) bar.hidden = number === 0;
      for (const count of all("[data-count]", form)) {
        count.textContent = number === 1 ? "1 client choisi" : `${number} clients choisis`;
      }
    }
  }

  document.addEventListener("change", ({ target }) => {
    if (!target.matches("input[type=checkbox]")) return;
    const scope = scopeOf(target);
    if (!scope) return;
    if (target.matches("[data-all]")) {
      const under = scope.matches("fieldset") ? choices(scope) : all("[data-pick]", scope);
      for (const box of under) box.checked = target.checked;
    } else {
      const group = target.closest("[data-group]");
      if (group && group.querySelector("input") === target) {
        for (const box of children(group)) box.checked = target.checked;
      }
    }
    sync(document);
  });

  // --- passwords, shown and hidden ----------------------------------------------------------------------------
  for (const button of all("[data-reveal]")) {
    const field = button.parentNode.querySelector("input");
    const word = button.firstChild;
    button.hidden = false;
    button.addEventListener("click", () => {
      const hidden = field.type === "password";
      field.type = hidden ? "text" : "password";
      word.data = hidden ? "Masquer" : "Afficher";
    });
    field.form.addEventListener("submit", () => { field.type = "password"; });
  }

  // --- printing --------------------------------------------------------------------------------------------------
  for (const button of all("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }

  // --- windows -------------------------------------------------------------------------------------------------
  function openModal(dialog) {
    const before = document.activeElement;
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (before && before.isConnected) before.focus();
    });
    dialog.showModal();
  }

  async function ask(address, options, fallback) {
    try {
      const answer = await fetch(address, {
        ...options, credentials: "same-origin", headers: { "X-Requested-With": "dialog" },
      });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const body = page.querySelector("[data-dialog-body]");
      if (!answer.ok || !body || answer.redirected) throw new Error("not a question");
      const title = body.querySelector("h1");
      const heading = document.createElement("h2");
      heading.append(...title.childNodes);
      heading.id = "question-titre";
      title.replaceWith(heading);
      const dialog = document.createElement("dialog");
      dialog.setAttribute("aria-labelledby", heading.id);
      dialog.append(document.importNode(body, true));
      document.body.append(dialog);
      openModal(dialog);
      const first = dialog.querySelector("button, [role=button]");
      if (first) first.focus();
    } catch {
      fallback();
    }
  }

  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const link = event.target.closest("a[data-dialog]");
    const close = event.target.closest("dialog:modal [data-close]");
    if (close) {
      event.preventDefault();
      close.closest("dialog").close();
    } else if (link) {
      event.preventDefault();
      ask(link.href, {}, () => location.assign(link.href));
    }
  });

  function closeDone(form) {
    const dialog = form.closest("dialog");
    const target = new URL(form.action);
    target.search = new URLSearchParams(new FormData(form));
    history.replaceState(null, "", target);
    dialog.close();
    const row = document.querySelector("[data-new]");
    const place = row && (row.querySelector("a[href]") || row);
    if (place) place.focus();
  }

  // --- a form is sent once ---------------------------------------------------------------------------------------
  const sent = new Set();
  const release = () => {
    for (const button of sent) button.disabled = false;
    sent.clear();
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const button = event.submitter;
    if (event.defaultPrevented) return;
    if (form.closest("dialog[data-modal]:modal") && form.method === "get") {
      event.preventDefault();
      closeDone(form);
      return;
    }
    const marked = button && button.matches("[data-plain]") ? null : form.matches("[data-dialog]") ? form : button && button.matches("[data-dialog]") ? button : null;
    const method = (button && button.getAttribute("formmethod")) || form.method;
    const action = button && button.hasAttribute("formaction") ? button.formAction : form.action;
    if (marked) {
      event.preventDefault();
      const data = new FormData(form, button);
      const plainly = () => {
        form.removeAttribute("data-dialog");
        if (button) button.removeAttribute("data-dialog");
        form.requestSubmit(button);
      };
      if (method === "get") {
        const target = new URL(action);
        target.search = new URLSearchParams(data);
        ask(target, {}, plainly);
      } else {
        ask(action, { method: "post", body: data }, plainly);
      }
      return;
    }
    if (method !== "post" || form.matches("[data-file]")) return;  // a file leaves the page where it is
    const buttons = [...form.elements].filter((one) => one.type === "submit");
    if (buttons.some((one) => sent.has(one))) {
      event.preventDefault();
      return;
    }
    setTimeout(() => {  // after the browser took the button's own name and value
      for (const one of buttons) {
        one.disabled = true;
        sent.add(one);
      }
      setTimeout(release, 15000);  // the request was stopped, or answered with a file
    });
  });
  addEventListener("pageshow", release);

  // --- keyboard --------------------------------------------------------------------------------------------------
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " " && event.target.matches("a[role=button]")) {  // a link that looks like a button acts like one
      event.preventDefault();
      event.target.click();
      return;
    }
    if (typing(event.target) || document.querySelector("dialog:modal")) return;
    const search = document.querySelector("[data-find]");
    if (event.key === "/" && search) {
      event.preventDefault();
      search.focus();
      search.select();
      return;
    }
    const table = document.querySelector("table[data-keys]");
    if (!table) return;
    const inside = table.contains(event.target);
    const steps = { j: 1, k: -1, ...(inside && { ArrowDown: 1, ArrowUp: -1 }) };
    const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
    const here = rows.indexOf(event.target.closest("tr"));
    if (event.key in steps) {
      const row = rows[Math.max(0, Math.min(rows.length - 1, here + steps[event.key]))];
      const place = row && (row.querySelector("[data-open]") || row.querySelector("a[href]"));
      if (!place) return;
      event.preventDefault();
      place.focus();
      row.scrollIntoView({ block: "nearest" });
    } else if (event.key === "x" && here >= 0) {
      const box = rows[here].querySelector("[data-pick]");
      if (box) box.click();
    }
  });

  // --- at the start, and after htmx changed a part -----------------------------------------------------------------
  function start() {
    sync(document);
    const window_ = document.querySelector("dialog[data-modal][open]");
    if (window_) {
      window_.close();
      window_.showModal();
    } else {
      const summary = document.querySelector("[data-focus]");
      if (summary) summary.focus();
    }
  }
  start();
  document.addEventListener("htmx:afterSwap", () => sync(document));

  // A part of the page could not be fetched: the whole page says why, and how to try again.
  for (const trouble of ["htmx:responseError", "htmx:sendError"]) {
    document.addEventListener(trouble, () => {
      if (document.querySelector("[data-trouble]")) return;
      const notice = document.createElement("div");
      notice.className = "notice danger";
      notice.dataset.trouble = "";
      notice.setAttribute("role", "alert");
      notice.textContent = "Le service ne répond pas. Ce que vous voyez n'est peut-être plus à jour : rechargez la page.";
      document.querySelector("main").prepend(notice);
    });
  }
})();
