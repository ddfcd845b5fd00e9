/* Block Kit to DOM nodes. `act` is what an element does: act(element, block, value). */

function textNode(object) {
  if (!object) return [];
  if (object.type === "mrkdwn") return mrkdwn(object.text);
  return object.text.split("\n").flatMap((line, i) => [...(i ? [h("br")] : []), ...(object.emoji === false ? [line] : withEmoji(line))]);
}

function unrendered(what) {
  return h("div", { class: "unrendered", role: "alert", "data-testid": "unrendered" },
    h("strong", {}, t("unrendered")), h("pre", {}, JSON.stringify(what, null, 2)));
}

function styled(node, style) {
  const marks = { bold: "strong", italic: "em", strike: "s", underline: "u", code: "code" };
  return Object.keys(marks).reduce((inner, name) => (style?.[name] ? h(marks[name], {}, inner) : inner), node);
}

function richPart(part) {
  const parts = {
    text: () => h("span", { class: "rich" }, withEmoji(part.text)),
    link: () => linkNode(part.url, part.text),
    user: () => mentionNode("user", part.user_id),
    channel: () => mentionNode("channel", part.channel_id),
    usergroup: () => mentionNode("group", part.usergroup_id),
    broadcast: () => mentionNode("broadcast", part.range),
    emoji: () => emojiNode(part.name),
    date: () => dateNode(`${part.timestamp}^${part.format}`, part.fallback || ""),
  };
  return parts[part.type] ? styled(parts[part.type](), part.style) : unrendered(part);
}

function richElement(element) {
  const parts = () => element.elements.map(richPart);
  const kinds = {
    rich_text_section: () => h("div", { class: "rich-section" }, parts()),
    rich_text_quote: () => h("blockquote", {}, parts()),
    rich_text_preformatted: () => h("pre", {}, parts()),
    rich_text_list: () => {
      const ordered = element.style === "ordered";
      const start = ordered && element.offset ? { start: element.offset + 1 } : {};
      return h(ordered ? "ol" : "ul", { class: `indent-${element.indent || 0}`, ...start }, element.elements.map((each) => h("li", {}, each.elements.map(richPart))));
    },
  };
  return kinds[element.type] ? kinds[element.type]() : unrendered(element);
}

function cellNode(cell, tag, align) {
  const content = cell.type === "rich_text" ? cell.elements.map(richElement) : withEmoji(cell.text);
  return h(tag, { class: `to-${align || "left"}`, scope: tag === "th" ? "col" : undefined }, content);
}

function tableNode(block) {
  const settings = block.column_settings || [];
  const wrapped = settings.map((each) => Boolean(each?.is_wrapped));
  const row = (cells, tag) => h("tr", {}, cells.map((cell, i) => {
    const node = cellNode(cell, tag, settings[i]?.align);
    if (wrapped[i]) node.classList.add("wrapped");
    return node;
  }));
  return scroller(h("table", {}, h("thead", {}, row(block.rows[0], "th")), h("tbody", {}, block.rows.slice(1).map((cells) => row(cells, "td")))));
}

function imageNode(url, alt, title) {
  const local = safeUrl(url).startsWith(`${location.origin}/`) || url?.startsWith("data:image/");
  const shown = local
    ? h("img", { src: url, alt })
    : h("span", { class: "far-image" }, "🖼 ", linkNode(url || "", alt || url || "?"));
  return h("figure", { class: "image" }, title ? h("figcaption", {}, title) : null, shown);
}

function confirmed(element, run) {
  const { confirm } = element;
  if (!confirm) return run();
  const close = (go) => {
    dialog.close();
    dialog.remove();
    if (go) run();
  };
  const style = confirm.style === "danger" ? "danger" : "primary";
  const title = h("h2", { id: "confirm-title" }, textNode(confirm.title));
  const dialog = h("dialog", { class: "dialog", "data-testid": "confirm-dialog", "aria-labelledby": "confirm-title", "aria-describedby": "confirm-text" },
    title, h("div", { id: "confirm-text", class: "dialog-body" }, textNode(confirm.text)),
    h("div", { class: "dialog-feet" },
      h("button", { type: "button", class: "btn", "data-testid": "confirm-deny", on: { click: () => close(false) } }, textNode(confirm.deny)),
      h("button", { type: "button", class: `btn ${style}`, "data-testid": "confirm-ok", on: { click: () => close(true) } }, textNode(confirm.confirm))));
  dialog.addEventListener("cancel", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return undefined;
}

function ticks(element, block, act) {
  const name = `${block.block_id}-${element.action_id}`;
  const first = new Set((element.initial_options || []).map((each) => each.value));
  const box = h("fieldset", { class: "ticks", "data-action-id": element.action_id });
  const changed = () => {
    if (block.type === "input" && !block.dispatch_action) return;
    const values = [...box.querySelectorAll("input:checked")].map((each) => each.value);
    confirmed(element, () => act(element, block, values));
  };
  box.append(...element.options.map((each) => h("label", {},
    h("input", { type: "checkbox", name, value: each.value, checked: first.has(each.value), on: { change: changed } }),
    h("span", {}, textNode(each.text), each.description ? h("small", {}, textNode(each.description)) : null))));
  return box;
}

function elementNode(element, block, act) {
  const id = { "data-action-id": element.action_id, "data-value": element.value };
  const kinds = {
    button: () => {
      if (element.url) return h("a", { class: "btn", href: safeUrl(element.url), target: "_blank", rel: "noreferrer noopener", ...id }, textNode(element.text));
      const run = () => confirmed(element, () => act(element, block, element.value, button));
      const button = h("button", { type: "button", class: `btn ${element.style || ""}`, "aria-label": element.accessibility_label, on: { click: run }, ...id }, textNode(element.text));
      return button;
    },
    checkboxes: () => ticks(element, block, act),
    image: () => imageNode(element.image_url || element.slack_file?.url, element.alt_text),
    mrkdwn: () => h("span", {}, textNode(element)),
    plain_text: () => h("span", {}, textNode(element)),
  };
  return kinds[element.type] ? kinds[element.type]() : unrendered(element);
}

function blockNode(block, act) {
  const held = (each) => elementNode(each, block, act);
  const kinds = {
    header: () => h("h3", {}, textNode(block.text)),
    divider: () => h("hr"),
    section: () => h("div", { class: "section" },
      h("div", { class: "section-text" }, block.text ? h("div", {}, textNode(block.text)) : null,
        block.fields ? h("div", { class: "fields" }, block.fields.map((each) => h("div", {}, textNode(each)))) : null),
      block.accessory ? h("div", { class: "accessory" }, held(block.accessory)) : null),
    context: () => h("div", { class: "context" }, block.elements.map(held)),
    actions: () => h("div", { class: "actions" }, block.elements.map(held)),
    rich_text: () => h("div", {}, block.elements.map(richElement)),
    table: () => tableNode(block),
    image: () => imageNode(block.image_url || block.slack_file?.url, block.alt_text, block.title?.text),
    input: () => {
      /* Boxes have labels of their own: one label around them all would tick the first. */
      return h("div", { class: "input", "data-block-id": block.block_id, role: "group", "aria-label": block.label.text },
        h("span", {}, textNode(block.label), block.optional ? h("small", {}, ` ${t("optional")}`) : null), held(block.element), block.hint ? h("small", {}, textNode(block.hint)) : null);
    },
  };
  if (!kinds[block.type]) return unrendered(block);
  try {
    const node = kinds[block.type]();
    node.dataset.block = block.type;
    return node;
  } catch {
    return unrendered(block);
  }
}

function blocksNode(blocks, act) {
  return h("div", { class: "blocks" }, blocks.map((block) => blockNode(block, act)));
}

const COLOURS = { good: "#2eb886", warning: "#daa038", danger: "#a30200" };

function attachmentNode(attachment, act) {
  const colour = COLOURS[attachment.color] || (/^#?[0-9a-f]{6}$/i.test(attachment.color || "") ? `#${attachment.color.replace("#", "")}` : "var(--line)");
  const title = attachment.title || "";
  const field = (each) => h("div", { class: each.short ? "short" : "" }, h("strong", {}, mrkdwn(each.title || "")), h("div", {}, mrkdwn(String(each.value || ""))));
  const known = attachment.text || title || attachment.pretext || attachment.blocks || attachment.fields || attachment.image_url;
  return h("div", { class: "attachment" }, attachment.pretext ? h("div", { class: "pretext" }, mrkdwn(attachment.pretext)) : null,
    h("div", { class: "attachment-body", css: { "--bar": colour } },
      attachment.author_name ? h("small", {}, attachment.author_name) : null,
      title ? h("div", { class: "attachment-title" }, attachment.title_link ? linkNode(attachment.title_link, unescapeText(title)) : inline(title)) : null,
      attachment.text ? h("div", {}, mrkdwn(attachment.text)) : null,
      known ? null : h("div", {}, mrkdwn(attachment.fallback || "")),
      attachment.fields?.length ? h("div", { class: "fields" }, attachment.fields.map(field)) : null,
      attachment.blocks ? blocksNode(attachment.blocks, act) : null,
      attachment.image_url ? imageNode(attachment.image_url, title) : null,
      attachment.actions?.length ? h("div", { class: "actions" }, attachment.actions.map((each) =>
        each.url ? h("a", { class: "btn", href: safeUrl(each.url), target: "_blank", rel: "noreferrer noopener" }, String(each.text))
          : h("button", { class: "btn", type: "button", disabled: true }, String(each.text)))) : null,
      attachment.footer ? h("small", {}, attachment.footer) : null));
}

function fileNode(file) {
  if (file.mimetype.startsWith("image/")) return imageNode(file.url_private, file.alt_txt || file.title, file.title);
  return h("div", { class: "file" }, h("span", { "aria-hidden": "true" }, "📄"), linkNode(file.url_private, file.title), h("small", {}, `${file.size.toLocaleString()} B`));
}
