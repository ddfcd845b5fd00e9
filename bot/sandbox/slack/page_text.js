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

function scroller(table) {
  return h("div", { class: "table", tabindex: "0", role: "region", "aria-label": t("table") }, table);
}
