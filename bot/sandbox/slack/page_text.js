"use strict";
/* Text to DOM nodes. Data only ever becomes text nodes and checked attributes, never markup. */

function h(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") for (const [event, run] of Object.entries(value)) node.addEventListener(event, run);
    else if (name === "css") for (const [key, set] of Object.entries(value)) node.style.setProperty(key, set);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const EMOJI = {
  "+1": "👍", "-1": "👎", arrow_down: "⬇️", arrow_up: "⬆️", arrows_counterclockwise: "🔄", bar_chart: "📊",
  bell: "🔔", black_circle: "⚫", book: "📖", books: "📚", bulb: "💡", calendar: "📅", chart_with_downwards_trend: "📉",
  chart_with_upwards_trend: "📈", clipboard: "📋", clock3: "🕒", eyes: "👀", fire: "🔥", green_circle: "🟢",
  grey_question: "❔", heavy_check_mark: "✔️", hourglass: "⌛", hourglass_flowing_sand: "⏳", information_source: "ℹ️",
  large_blue_circle: "🔵", large_green_circle: "🟢", large_orange_circle: "🟠", large_red_square: "🟥",
  large_yellow_circle: "🟡", link: "🔗", lock: "🔒", mag: "🔍", memo: "📝", moon: "🌙", no_entry: "⛔",
  no_entry_sign: "🚫", octagonal_sign: "🛑", owl: "🦉", page_facing_up: "📄", point_right: "👉", question: "❓",
  red_circle: "🔴", robot_face: "🤖", rocket: "🚀", rotating_light: "🚨", shield: "🛡️", skull: "💀", snowflake: "❄️",
  speech_balloon: "💬", stopwatch: "⏱️", tada: "🎉", thinking_face: "🤔", traffic_light: "🚦", warning: "⚠️",
  wave: "👋", white_check_mark: "✅", white_circle: "⚪", wrench: "🔧", x: "❌", zap: "⚡",
};

function unescapeText(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

function emojiNode(name) {
  const known = EMOJI[name];
  return known ? h("span", { class: "emoji", role: "img", "aria-label": name }, known) : document.createTextNode(`:${name}:`);
}

function withEmoji(text) {
  const nodes = [];
  let position = 0;
  for (const match of text.matchAll(/:([a-z0-9_+-]+):/g)) {
    if (!EMOJI[match[1]]) continue;
    nodes.push(text.slice(position, match.index), emojiNode(match[1]));
    position = match.index + match[0].length;
  }
  nodes.push(text.slice(position));
  return nodes;
}

function safeUrl(url) {
  try {
    const parsed = new URL(url, location.href);
    return ["http:", "https:", "mailto:"].includes(parsed.protocol) ? parsed.href : "";
  } catch {
    return "";
  }
}

function linkNode(url, label) {
  const href = safeUrl(url);
  if (!href) return h("span", { class: "dead-link" }, label || url);
  return h("a", { href, target: "_blank", rel: "noreferrer noopener", title: href }, label || url);
}

function mentionNode(kind, id) {
  const names = {
    user: () => world.users.get(id)?.real_name || id,
    channel: () => world.channels.get(id)?.name || id,
    group: () => world.groups.get(id)?.handle || id,
    broadcast: () => id,
  };
  const mine = kind === "broadcast" || (kind === "user" && id === ui.me);
  const sign = kind === "channel" ? "#" : "@";
  return h("span", { class: mine ? "mention mine" : "mention", "data-mention": id }, sign + names[kind]());
}

function entityNode(inner) {
  const bar = inner.indexOf("|");
  const target = bar < 0 ? inner : inner.slice(0, bar);
  const label = bar < 0 ? "" : unescapeText(inner.slice(bar + 1));
  if (target.startsWith("@")) return mentionNode("user", target.slice(1));
  if (target.startsWith("#")) return mentionNode("channel", target.slice(1));
  if (target.startsWith("!subteam^")) return mentionNode("group", target.slice(9));
  if (target.startsWith("!date^")) return dateNode(target.slice(6), label);
  if (target.startsWith("!")) return mentionNode("broadcast", target.slice(1));
  if (/^(https?:|mailto:)/.test(target)) return linkNode(unescapeText(target), label);
  return document.createTextNode(unescapeText(`<${inner}>`));
}

function dateNode(rest, fallback) {
  const [seconds, format = ""] = rest.split("^");
  const at = new Date(Number(seconds) * 1000);
  if (Number.isNaN(at.getTime())) return document.createTextNode(fallback);
  const day = at.toLocaleDateString(ui.lang);
  const minute = at.toLocaleTimeString(ui.lang, { hour: "2-digit", minute: "2-digit" });
  const second = at.toLocaleTimeString(ui.lang);
  const shown = format.replace(/\{date[a-z_]*\}/g, day).replace(/\{time_secs\}/g, second)
    .replace(/\{time\}/g, minute).replace(/\{ago\}/g, minute);
  return h("time", { datetime: at.toISOString(), title: fallback }, shown || fallback);
}

const INLINE = /`([^`\n]+)`|<([^<>\n]+)>|(?<![\p{L}\p{N}*])\*(?![\s*])([^*\n]*[^\s*])\*(?![\p{L}\p{N}*])|(?<![\p{L}\p{N}_])_(?![\s_])([^_\n]*[^\s_])_(?![\p{L}\p{N}_])|(?<![\p{L}\p{N}~])~(?![\s~])([^~\n]*[^\s~])~(?![\p{L}\p{N}~])/gu;

function inline(text) {
  const nodes = [];
  let position = 0;
  for (const match of text.matchAll(INLINE)) {
    nodes.push(...withEmoji(unescapeText(text.slice(position, match.index))));
    const [, code, entity, bold, italic, strike] = match;
    if (code !== undefined) nodes.push(h("code", {}, unescapeText(code)));
    else if (entity !== undefined) nodes.push(entityNode(entity));
    else if (bold !== undefined) nodes.push(h("strong", {}, inline(bold)));
    else if (italic !== undefined) nodes.push(h("em", {}, inline(italic)));
    else nodes.push(h("s", {}, inline(strike)));
    position = match.index + match[0].length;
  }
  nodes.push(...withEmoji(unescapeText(text.slice(position))));
  return nodes;
}

/* Slack's mrkdwn: fences, quotes, then inline marks. */
function mrkdwn(text) {
  return text.split("```").flatMap((part, index) => {
    if (index % 2) return [h("pre", {}, unescapeText(part.replace(/^\n/, "").replace(/\n$/, "")))];
    const nodes = [];
    let quote = [];
    const flush = () => {
      if (quote.length) nodes.push(h("blockquote", {}, quote));
      quote = [];
    };
    const lines = part.split("\n");
    lines.forEach((line, number) => {
      const quoted = line.match(/^(?:&gt;|>) ?(.*)$/);
      if (quoted) quote.push(h("div", {}, inline(quoted[1])));
      else {
        const afterQuote = quote.length > 0;
        flush();
        if (number && !afterQuote) nodes.push(h("br"));
        nodes.push(...inline(line));
      }
    });
    flush();
    return nodes;
  });
}

const MARKDOWN_INLINE = /`([^`\n]+)`|\[([^\]\n]*)\]\(([^()\s]+)\)|\*\*(?!\s)(.+?[^\s])\*\*|(?<!\*)\*(?![\s*])([^*\n]*[^\s*])\*(?!\*)|(?<![\p{L}\p{N}_])_(?![\s_])([^_\n]*[^\s_])_(?![\p{L}\p{N}_])|~~(.+?)~~|<([^<>\n]+)>/gu;

function markdownInline(text) {
  const nodes = [];
  let position = 0;
  const plain = (piece) => withEmoji(unescapeText(piece.replace(/\\([\\`*_{}[\]()#+\-.!|~<>])/g, "$1")));
  for (const match of text.matchAll(MARKDOWN_INLINE)) {
    if (text[match.index - 1] === "\\") continue;
    nodes.push(...plain(text.slice(position, match.index)));
    const [, code, label, url, bold, star, under, strike, entity] = match;
    if (code !== undefined) nodes.push(h("code", {}, code));
    else if (url !== undefined) nodes.push(linkNode(url, label));
    else if (bold !== undefined) nodes.push(h("strong", {}, markdownInline(bold)));
    else if (star !== undefined || under !== undefined) nodes.push(h("em", {}, markdownInline(star ?? under)));
    else if (strike !== undefined) nodes.push(h("s", {}, markdownInline(strike)));
    else nodes.push(entityNode(entity));
    position = match.index + match[0].length;
  }
  nodes.push(...plain(text.slice(position)));
  return nodes;
}

function cellsOf(line) {
  return line.trim().replace(/^\|/, "").replace(/(?<!\\)\|$/, "").split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function markdownTable(lines) {
  const align = cellsOf(lines[1]).map((cell) => (cell.endsWith(":") ? (cell.startsWith(":") ? "center" : "right") : "left"));
  const row = (line, tag) => h("tr", {}, cellsOf(line).map((cell, i) => h(tag, { class: `to-${align[i] || "left"}` }, markdownInline(cell))));
  return scroller(h("table", {}, h("thead", {}, row(lines[0], "th")), h("tbody", {}, lines.slice(2).map((line) => row(line, "td")))));
}

function scroller(table) {
  return h("div", { class: "table", tabindex: "0", role: "region", "aria-label": t("table") }, table);
}

const LIST = /^(\s*)(?:[-*+]|(\d+)[.)])\s+(.*)$/;

function markdownList(lines) {
  const first = lines[0].match(LIST);
  const list = h(first[2] ? "ol" : "ul", first[2] ? { start: first[2] } : {});
  for (let i = 0; i < lines.length; ) {
    const [, indent, , text] = lines[i].match(LIST);
    let end = i + 1;
    while (end < lines.length && lines[end].match(LIST)[1].length > indent.length) end += 1;
    const item = h("li", {}, markdownInline(text));
    if (end > i + 1) item.append(markdownList(lines.slice(i + 1, end)));
    list.append(item);
    i = end;
  }
  return list;
}

/* The standard Markdown of `markdown` blocks. */
function markdown(text) {
  const lines = text.split("\n");
  const nodes = [];
  const take = (i, test) => {
    let end = i;
    while (end < lines.length && test(lines[end])) end += 1;
    return end;
  };
  for (let i = 0; i < lines.length; ) {
    const line = lines[i];
    const heading = line.match(/^(#{1,6})\s+(.*)$/);
    if (!line.trim()) i += 1;
    else if (line.startsWith("```")) {
      const end = take(i + 1, (each) => !each.startsWith("```"));
      nodes.push(h("pre", {}, lines.slice(i + 1, end).join("\n")));
      i = end + 1;
    } else if (heading) {
      nodes.push(h("p", { class: `md-h md-h${heading[1].length}`, role: "heading", "aria-level": heading[1].length + 2 }, markdownInline(heading[2])));
      i += 1;
    } else if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) {
      nodes.push(h("hr"));
      i += 1;
    } else if (line.includes("|") && /^[\s|:-]+$/.test(lines[i + 1] || "") && (lines[i + 1] || "").includes("-")) {
      const end = take(i, (each) => each.includes("|"));
      nodes.push(markdownTable(lines.slice(i, end)));
      i = end;
    } else if (LIST.test(line)) {
      const end = take(i, (each) => LIST.test(each));
      nodes.push(markdownList(lines.slice(i, end)));
      i = end;
    } else if (line.startsWith(">")) {
      const end = take(i, (each) => each.startsWith(">"));
      nodes.push(h("blockquote", {}, lines.slice(i, end).map((each) => h("div", {}, markdownInline(each.replace(/^> ?/, ""))))));
      i = end;
    } else {
      const end = Math.max(i + 1, take(i, (each) => each.trim() && !LIST.test(each) && !/^(#|>|```|\|)/.test(each)));
      nodes.push(h("p", {}, lines.slice(i, end).flatMap((each, n) => [...(n ? [h("br")] : []), ...markdownInline(each)])));
      i = end;
    }
  }
  return nodes;
}
