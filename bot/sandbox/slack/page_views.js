/* Modals: what is ticked in them, what is wrong with it, and the home tab's gestures. */

function viewActing(view) {
  return (element, block, value) => post("click_view", { user: ui.me, view_id: view.id, action_id: element.action_id, value: value ?? null, wait: true });
}

function boxOf(dialog, block) {
  const place = dialog.querySelector(`[data-block-id="${CSS.escape(block.block_id)}"]`);
  return { place, box: place?.querySelector(`[data-action-id="${CSS.escape(block.element.action_id || "")}"]`) };
}

function stateOf(dialog, view) {
  const values = {};
  for (const block of view.blocks.filter((each) => each.type === "input")) {
    const { element } = block;
    const { box } = boxOf(dialog, block);
    const ticked = [...box.querySelectorAll("input:checked")].map((each) => element.options.find((option) => option.value === each.value));
    values[block.block_id] = { [element.action_id]: { type: element.type, selected_options: ticked } };
  }
  return values;
}

/* Slack's own client asks for what is required; the app never hears of such a submission. */
function missing(view, values) {
  const empty = (state) => !state?.selected_options?.length;
  const lacking = view.blocks.filter((each) => each.type === "input" && !each.optional && empty(values[each.block_id]?.[each.element.action_id]));
  return Object.fromEntries(lacking.map((each) => [each.block_id, t("required")]));
}

function complain(dialog, errors) {
  dialog.querySelectorAll("[data-testid=modal-error]").forEach((each) => each.remove());
  for (const [id, text] of Object.entries(errors)) {
    const place = dialog.querySelector(`[data-block-id="${CSS.escape(id)}"]`) || dialog.querySelector(".dialog-body");
    place.append(h("div", { class: "wrong", role: "alert", "data-testid": "modal-error" }, text));
  }
}

function drawViews() {
  for (const [id, entry] of world.views) {
    const open = entry.open && entry.user === ui.me;
    const old = document.querySelector(`dialog[data-view="${id}"]`);
    if (old && (!open || old.mark !== entry.view.hash)) old.remove();
    if (open && (!old || old.mark !== entry.view.hash)) showView(id, entry.view);
  }
}

function showView(id, view) {
  const leave = () => post("close_view", { view_id: id });
  const send = h("button", { type: "button", class: "btn primary", "data-testid": "modal-submit" }, view.submit?.text || "");
  const submit = async () => {
    const values = stateOf(dialog, view);
    const lacking = missing(view, values);
    complain(dialog, lacking);
    if (Object.keys(lacking).length) return;
    send.disabled = true;
    const result = await post("submit_view", { user: ui.me, view_id: id, values, wait: true });
    send.disabled = false;
    complain(dialog, result?.ack_payload?.errors || (result?.acknowledged ? {} : { "": t("unacked") }));
  };
  send.addEventListener("click", submit);
  const dialog = h("dialog", { class: "dialog modal", "data-view": id, "data-testid": "modal", "aria-label": view.title.text },
    h("h2", {}, view.title.text), h("div", { class: "dialog-body" }, blocksNode(view.blocks, viewActing(view))),
    h("div", { class: "dialog-feet" }, h("button", { type: "button", class: "btn", "data-testid": "modal-close", on: { click: leave } }, view.close?.text || t("close")), view.submit ? send : null));
  dialog.mark = view.hash;
  dialog.addEventListener("cancel", leave);
  document.body.append(dialog);
  dialog.showModal();
}
