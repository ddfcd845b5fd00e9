/* The page itself: what is known (world), what is shown (ui), and the gestures. */

const TEXT = {
  ko: {
    answer: "답글", apps: "앱", attach: "파일", back: "뒤로", channels: "채널", close: "닫기", cut: "연결이 끊겼습니다. 다시 연결하는 중…",
    direct: "다이렉트 메시지", edited: "(편집됨)", empty: "아직 메시지가 없습니다. 첫 메시지를 남겨 보세요.", failed: "보내지 못했습니다",
    home: "홈", homeEmpty: "앱이 홈 탭을 아직 게시하지 않았습니다.", language: "English", me: "나", menu: "채널 목록", messages: "메시지", metadata: "메타데이터",
    newReply: "스레드에서 답글 달기", notJoined: "이 사람은 이 채널에 없습니다.", onlyYou: "나에게만 표시됩니다", persona: "지금 나는", place: (name) => `${name}에 메시지 보내기`,
    replies: (n) => `답글 ${n}개`, reply: "답글 보내기…", sandbox: "로컬 샌드박스", send: "보내기", skip: "메시지 입력으로 건너뛰기", table: "표",
    thread: "스레드", today: "오늘", unacked: "앱이 3초 안에 응답하지 않았습니다", required: "필수 항목입니다.", optional: "(선택)", unrendered: "그릴 수 없는 블록입니다", hint: "Enter 보내기 · Shift+Enter 줄바꿈", mention: "당직 부르기", open: "앱 열기", threadOf: (n) => `스레드 열기, 답글 ${n}개`, last: "마지막 답글",
  },
  en: {
    answer: "Reply", apps: "Apps", attach: "File", back: "Back", channels: "Channels", close: "Close", cut: "Connection lost. Reconnecting…",
    direct: "Direct messages", edited: "(edited)", empty: "No messages yet. Say the first word.", failed: "Not sent",
    home: "Home", homeEmpty: "The app has not published a home tab yet.", language: "한국어", me: "you", menu: "Channel list", messages: "Messages", metadata: "Metadata",
    newReply: "Reply in thread", notJoined: "This person is not in this channel.", onlyYou: "Only visible to you", persona: "I am", place: (name) => `Message ${name}`,
    replies: (n) => (n === 1 ? "1 reply" : `${n} replies`), reply: "Reply…", sandbox: "Local sandbox", send: "Send", skip: "Skip to the message box", table: "Table",
    thread: "Thread", today: "Today", unacked: "The app did not respond within 3 seconds", required: "Please complete this required field.", optional: "(optional)", unrendered: "This block cannot be rendered", hint: "Enter to send · Shift+Enter for a new line", mention: "Call the bot", open: "Open app", threadOf: (n) => `Open thread, ${n === 1 ? "1 reply" : `${n} replies`}`, last: "Last reply",
  },
};
const SHOWN_AT_MOST = 300;
const COMPACT_S = 300;

const world = { users: new Map(), bots: new Map(), channels: new Map(), groups: new Map(), messages: new Map(), statuses: new Map(), views: new Map(), homes: new Map(), shortcuts: [], bot: {}, team: {} };
const ui = { me: remembered("me", ""), lang: remembered("lang", navigator.language.startsWith("ko") ? "ko" : "en"), channel: "", root: "", tab: "messages", unread: new Set(), drafts: new Map() };

function remembered(name, fallback) {
  const asked = new URLSearchParams(location.search).get(name);
  if (asked) return asked;
  try {
    return localStorage.getItem(name) || fallback;
  } catch {
    return fallback;
  }
}

function remember(name, value) {
  ui[name] = value;
  try {
    localStorage.setItem(name, value);
  } catch {
    /* private windows keep nothing */
  }
}

function t(name, ...rest) {
  const text = TEXT[ui.lang][name];
  return typeof text === "function" ? text(...rest) : text;
}

const $ = (id) => document.getElementById(id);

async function post(action, body) {
  const response = await fetch(`/control/${action}`, { method: "POST", body: JSON.stringify(body) });
  if (!response.ok) {
    notice(`${t("failed")}: ${(await response.json()).error}`);
    return null;
  }
  return (await response.json()).result;
}

let noticeTimer = 0;
function notice(text, stays = false) {
  $("notice").textContent = text;
  $("notice").hidden = !text;
  clearTimeout(noticeTimer);
  if (text && !stays) noticeTimer = setTimeout(() => notice(""), 5000);
}

/* ---- people and avatars ---- */

const HUES = ["#7c5cbf", "#2f7ea1", "#b5573a", "#3d8361", "#a8487f", "#8a6d1f", "#45629e"];
const NS = "http://www.w3.org/2000/svg";

function svg(tag, attributes, ...children) {
  const node = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function authorOf(message) {
  const bot = message.bot_id ? world.bots.get(message.bot_id) : null;
  const user = message.user ? world.users.get(message.user) : null;
  return { id: message.bot_id || message.user, name: message.username || user?.real_name || bot?.name || "?", app: Boolean(message.bot_id), ours: message.bot_id === world.bot.id };
}

function avatar(author) {
  const box = svg("svg", { viewBox: "0 0 36 36", class: "avatar", "aria-hidden": "true" });
  if (author.ours) {
    box.append(svg("rect", { width: 36, height: 36, rx: 9, fill: "#4a2f7a" }), svg("path", { d: "M23.6 22.8a9 9 0 1 1-8-14.6 8 8 0 0 0 8 14.6z", fill: "#ffd166" }), svg("circle", { cx: 25, cy: 11, r: 1.5, fill: "#fff" }), svg("circle", { cx: 28, cy: 17, r: 1, fill: "#fff" }));
    return box;
  }
  if (author.app) {
    box.append(svg("rect", { width: 36, height: 36, rx: 9, fill: "#d9432f" }), svg("path", { d: "M18 7.5c-4.4 0-7 3.2-7 7.4v4.6L8.800 23v1.600h18.400V23L25 19.500v-4.600c0-4.200-2.600-7.400-7-7.400zM15.200 26.200a2.800 2.800 0 0 0 5.600 0z", fill: "#fff" }));
    return box;
  }
  const sum = [...(author.id || "?")].reduce((total, letter) => total + letter.charCodeAt(0), 0);
  const text = svg("text", { x: 18, y: 18, "text-anchor": "middle", "dominant-baseline": "central", "font-size": 14, "font-weight": 700, fill: "#fff" });
  text.textContent = /[가-힣]/.test(author.name) ? author.name.slice(-2) : author.name.slice(0, 1).toUpperCase();
  box.append(svg("rect", { width: 36, height: 36, rx: 9, fill: HUES[sum % HUES.length] }), text);
  return box;
}

/* ---- channels ---- */

function myChannels() {
  return [...world.channels.values()].filter((channel) => channel.members.includes(ui.me));
}

function channelName(channel) {
  if (channel.kind !== "im") return channel.name;
  const other = channel.members.find((id) => id !== ui.me) || ui.me;
  return world.users.get(other)?.real_name || other;
}

function drawSidebar() {
  const link = (channel) => {
    const sign = { public: "#", private: "🔒", im: "●" }[channel.kind];
    return h("button", {
      type: "button", class: ui.unread.has(channel.id) ? "place unread" : "place", "data-channel": channel.id, "aria-current": channel.id === ui.channel ? "page" : undefined,
      on: { click: () => go(channel.id) },
    }, h("span", { class: `place-sign ${channel.kind}`, "aria-hidden": "true" }, sign), channelName(channel));
  };
  const mine = myChannels();
  const people = [...world.users.values()].filter((user) => !user.is_bot && !user.deleted && !user.is_stranger);
  const persona = h("select", { id: "persona", "data-testid": "persona", on: { change: (event) => become(event.target.value) } },
    people.map((user) => h("option", { value: user.id, selected: user.id === ui.me }, `${user.real_name} · ${user.profile.title || user.name}`)));
  $("sidebar").replaceChildren(
    h("div", { class: "team" }, h("div", {}, h("strong", {}, world.team.name || ""), h("small", {}, t("sandbox"))),
      h("button", { type: "button", class: "chip", "data-testid": "language", lang: ui.lang === "ko" ? "en" : "ko", on: { click: switchLanguage } }, t("language"))),
    h("div", { class: "places" }, h("h2", {}, t("channels")), mine.filter((each) => each.kind !== "im").map(link),
      h("h2", {}, t("direct")), mine.filter((each) => each.kind === "im").map(link)),
    h("div", { class: "persona" }, avatar({ id: ui.me, name: world.users.get(ui.me)?.real_name || "?" }), h("label", { for: "persona" }, h("small", {}, t("persona")), persona)));
}

function become(user) {
  remember("me", user);
  const mine = myChannels();
  if (!mine.some((channel) => channel.id === ui.channel)) {
    ui.channel = mine[0]?.id || "";
    ui.root = "";
  }
  drawAll();
}

function switchLanguage() {
  remember("lang", ui.lang === "ko" ? "en" : "ko");
  drawAll();
  document.querySelector("[data-testid=language]").focus();
}

function go(channel, root = "", tab = "messages") {
  document.body.classList.remove("menu-open");
  Object.assign(ui, { channel, root, tab });
  ui.unread.delete(channel);
  history.replaceState(null, "", `${location.search}#${channel}${root ? `/${root}` : ""}`);
  drawAll();
}

/* ---- messages ---- */

function visible(message) {
  return !message.deleted && (!message.visible_to || message.visible_to === ui.me);
}

function messagesOf(channel, test) {
  const found = [];
  for (const message of world.messages.values()) if (message.channel === channel && visible(message) && test(message)) found.push(message);
  return found.sort((a, b) => (a.ts < b.ts ? -1 : 1)).slice(-SHOWN_AT_MOST);
}

const isReply = (message) => Boolean(message.thread_ts) && message.thread_ts !== message.ts;
const at = (ts) => new Date(Number(ts) * 1000);
const clockOf = (ts) => at(ts).toLocaleTimeString(ui.lang, { hour: "numeric", minute: "2-digit" });

function acting(message) {
  return async (element, block, value, control) => {
    if (control) {
      control.classList.add("busy");
      control.setAttribute("aria-busy", "true");
    }
    await post("click", { user: ui.me, channel: message.channel, message_ts: message.ts, action_id: element.action_id, block_id: block.block_id, value: value ?? null, wait: true });
    control?.classList.remove("busy");
    control?.removeAttribute("aria-busy");
  };
}

function bodyOf(message) {
  const act = acting(message);
  const parts = [];
  if (message.blocks?.length) parts.push(blocksNode(message.blocks, act));
  else if (message.text) parts.push(h("div", { class: "text" }, mrkdwn(message.text)));
  if (message.blocks?.length && message.files?.length && message.text) parts.unshift(h("div", { class: "text" }, mrkdwn(message.text)));
  for (const attachment of message.attachments || []) parts.push(attachmentNode(attachment, act));
  for (const file of message.files || []) parts.push(fileNode(file));
  if (message.edited) parts.push(h("small", { class: "edited" }, t("edited")));
  for (const warning of message.warnings) parts.push(h("div", { class: "unacked", role: "alert", "data-testid": "unacked" }, `⚠ ${t("unacked")} (${warning.action_id})`));
  return parts;
}

function toolsOf(message, inThread) {
  const tools = h("div", { class: "tools" });
  if (!inThread && !message.visible_to) {
    tools.append(h("button", { type: "button", class: "tool", "data-testid": "open-thread", "aria-label": t("newReply"), title: t("newReply"), on: { click: () => openThread(message) } }, "💬"));
  }
  for (const each of message.visible_to ? [] : shortcutsOf("message")) {
    const use = () => post("use_shortcut", { user: ui.me, callback_id: each.id, channel: message.channel, message_ts: message.ts, wait: true });
    tools.append(h("button", { type: "button", class: "tool", "data-shortcut": each.id, "aria-label": each[ui.lang], title: each[ui.lang], on: { click: use } }, "⚡"));
  }
  if (message.metadata) {
    const shown = h("pre", { class: "metadata", hidden: true, "data-testid": "metadata" }, JSON.stringify(message.metadata, null, 2));
    const flip = h("button", { type: "button", class: "tool", "aria-label": t("metadata"), title: t("metadata"), "aria-expanded": "false" }, "i");
    flip.addEventListener("click", () => {
      shown.hidden = !shown.hidden;
      flip.setAttribute("aria-expanded", String(!shown.hidden));
    });
    tools.append(flip);
    return [tools, shown];
  }
  return [tools];
}

function threadBar(message) {
  const faces = (message.reply_users || []).slice(0, 3).map((id) => avatar(authorOf(world.bots.has(id) ? { bot_id: id } : { user: id, bot_id: world.users.get(id)?.is_bot ? world.bot.id : undefined })));
  const status = world.statuses.get(`${message.channel}/${message.ts}`)?.status;
  return h("button", { type: "button", class: "thread-bar", "data-testid": "replies", "aria-label": t("threadOf", message.reply_count), on: { click: () => openThread(message) } },
    h("span", { class: "faces" }, faces), h("strong", {}, t("replies", message.reply_count)),
    h("span", { class: "quiet" }, status ? `${world.users.get(world.bot.user_id)?.real_name} ${status}` : `${t("last")} ${clockOf(message.latest_reply)}`));
}

function messageNode(message, previous, inThread) {
  const author = authorOf(message);
  const same = previous && authorOf(previous).id === author.id && Number(message.ts) - Number(previous.ts) < COMPACT_S && Boolean(previous.visible_to) === Boolean(message.visible_to) && !(previous.reply_count && !inThread);
  const [tools, metadata] = toolsOf(message, inThread);
  const head = h("div", { class: "head" }, h("strong", {}, author.name), author.app ? h("span", { class: "app" }, ui.lang === "ko" ? "앱" : "APP") : null,
    h("time", { datetime: at(message.ts).toISOString(), title: at(message.ts).toLocaleString(ui.lang) }, clockOf(message.ts)));
  const kinds = ["message", same ? "compact" : "", message.visible_to ? "ephemeral" : ""].filter(Boolean).join(" ");
  return h("article", { class: kinds, "data-ts": message.ts, "data-author": author.id, "data-thread-ts": message.thread_ts, "aria-label": author.name },
    h("div", { class: "gutter" }, same ? h("time", { class: "quiet" }, clockOf(message.ts)) : avatar(author)),
    h("div", { class: "main" }, message.visible_to ? h("small", { class: "only-you" }, "◐ ", t("onlyYou")) : null, same ? null : head,
      h("div", { class: "body" }, bodyOf(message)), metadata || null, !inThread && message.reply_count ? threadBar(message) : null),
    tools);
}

function dayOf(ts) {
  return at(ts).toLocaleDateString(ui.lang, { month: "long", day: "numeric", weekday: "long" });
}

/* Reuses nodes whose message did not change, so that focus and open menus survive. */
function drawList(list, messages, inThread) {
  const stuck = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const known = new Map([...list.children].map((node) => [node.dataset.key, node]));
  const wanted = [];
  const replies = messages.filter((each) => isReply(each) && !each.visible_to).length;
  messages.forEach((message, i) => {
    const day = dayOf(message.ts);
    const fresh = !inThread && (i === 0 || day !== dayOf(messages[i - 1].ts));
    if (fresh) wanted.push({ key: `day ${day}`, mark: day, make: () => h("div", { class: "day" }, h("span", {}, day)) });
    const previous = fresh ? null : messages[i - 1];
    const status = world.statuses.get(`${message.channel}/${message.ts}`)?.status;
    wanted.push({ key: message.ts, mark: JSON.stringify([message, previous?.ts, previous?.reply_count, ui.lang, ui.me, status]), make: () => messageNode(message, previous, inThread) });
    if (inThread && i === 0 && replies) wanted.push({ key: "count", mark: `${replies} ${ui.lang}`, make: () => h("div", { class: "day left" }, h("span", {}, t("replies", replies))) });
  });
  const nodes = wanted.map(({ key, mark, make }) => {
    const old = known.get(key);
    if (old && old.mark === mark) return old;
    const node = make();
    node.dataset.key = key;
    node.mark = mark;
    return node;
  });
  nodes.forEach((node, i) => {
    if (list.children[i] !== node) list.insertBefore(node, list.children[i] || null);
  });
  while (list.children.length > nodes.length) list.lastChild.remove();
  list.stuck = stuck;
  if (stuck) list.scrollTop = list.scrollHeight;
}

/* A picture that arrives late must not push the newest message out of sight. */
document.addEventListener("load", (event) => {
  const list = event.target instanceof Image ? event.target.closest(".messages") : null;
  if (list?.stuck) list.scrollTop = list.scrollHeight;
}, true);

function composer(kind, place, send) {
  const key = `${kind} ${ui.channel} ${kind === "thread" ? ui.root : ""}`;
  const area = h("textarea", { id: kind === "channel" ? "composer" : undefined, rows: 1, "data-testid": `composer-${kind}`, "aria-label": place, placeholder: place });
  area.value = ui.drafts.get(key) || "";
  const grow = () => {
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight, 180)}px`;
    ui.drafts.set(key, area.value);
    button.disabled = !area.value.trim();
  };
  const submit = async () => {
    const text = area.value.trim();
    if (!text) return;
    area.value = "";
    grow();
    if ((await send(text)) === null) area.value = text;
    grow();
    area.focus();
  };
  const button = h("button", { type: "button", class: "send", "data-testid": `send-${kind}`, "aria-label": t("send"), disabled: true, on: { click: submit } }, "➤");
  const call = () => {
    const name = `@${world.users.get(world.bot.user_id)?.real_name} `;
    if (!area.value.includes(name.trim())) area.value = name + area.value;
    grow();
    area.focus();
  };
  area.addEventListener("input", grow);
  area.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  setTimeout(grow);
  return h("div", { class: "composer" }, area, h("div", { class: "composer-feet" },
    h("button", { type: "button", class: "tool", title: t("mention"), "aria-label": t("mention"), "data-testid": `mention-${kind}`, on: { click: call } }, "@"),
    shortcutsOf("global").map((each) => h("button", { type: "button", class: "tool", title: each[ui.lang], "aria-label": each[ui.lang], "data-shortcut": each.id, on: { click: () => post("use_shortcut", { user: ui.me, callback_id: each.id, wait: true }) } }, "⚡")),
    h("small", { class: "quiet" }, t("hint")), button));
}

function shortcutsOf(kind) {
  return world.shortcuts.filter((each) => each.kind === kind);
}

/* ---- the channel pane ---- */

function drawChannel() {
  const channel = world.channels.get(ui.channel);
  if (!channel) return;
  const name = channel.kind === "im" ? channelName(channel) : `#${channel.name}`;
  document.title = name;
  const withBot = channel.kind === "im" && channel.members.includes(world.bot.user_id);
  const tab = (id) => h("button", { type: "button", role: "tab", "aria-selected": String(ui.tab === id), "data-testid": `tab-${id}`, on: { click: () => openTab(id) } }, t(id));
  const head = h("header", {}, h("button", { type: "button", class: "tool menu-button", "aria-label": t("menu"), on: { click: openMenu } }, "☰"),
    h("div", { class: "title" }, h("h1", {}, name), h("small", {}, channel.topic || "")),
    withBot ? h("div", { class: "tabs", role: "tablist" }, tab("home"), tab("messages")) : null);
  if (withBot && ui.tab === "home") {
    const home = world.homes.get(ui.me);
    const content = home ? blocksNode(home.blocks, viewActing(home)) : h("p", { class: "quiet" }, t("homeEmpty"));
    $("channel").replaceChildren(head, h("div", { class: "messages home", "data-testid": "home" }, content));
    return;
  }
  const list = h("div", { class: "messages", id: "messages", role: "log", "aria-live": "polite", "aria-label": name, tabindex: "-1" });
  const send = (text) => post("say", { user: ui.me, channel: channel.id, text });
  $("channel").replaceChildren(head, list, composer("channel", t("place", name), send));
  refresh();
  list.stuck = true;
  list.scrollTop = list.scrollHeight;
}

function openMenu() {
  if (document.body.classList.toggle("menu-open")) document.querySelector("#sidebar .place")?.focus();
}

function openTab(id) {
  ui.tab = id;
  if (id === "home") post("open_home", { user: ui.me, tab: "home" });
  drawChannel();
  document.querySelector(`[data-testid=tab-${id}]`)?.focus();
}

function refresh() {
  const list = $("messages");
  if (list) {
    const shown = messagesOf(ui.channel, (each) => !isReply(each) || each.subtype === "thread_broadcast");
    list.classList.toggle("bare", !shown.length);
    list.dataset.empty = shown.length ? "" : t("empty");
    drawList(list, shown, false);
  }
  refreshThread();
}

/* ---- the thread pane ---- */

function openThread(message) {
  go(message.channel, message.thread_ts || message.ts);
  document.querySelector("[data-testid=composer-thread]")?.focus();
}

function closeThread() {
  const root = ui.root;
  go(ui.channel, "", ui.tab);
  document.querySelector(`[data-ts="${root}"] .thread-bar, [data-ts="${root}"] .tool`)?.focus();
}

function drawThread() {
  const pane = $("thread");
  pane.hidden = !ui.root;
  document.body.classList.toggle("in-thread", Boolean(ui.root));
  if (!ui.root) return pane.replaceChildren();
  const channel = world.channels.get(ui.channel);
  const send = (text) => post("say", { user: ui.me, channel: ui.channel, text, thread_ts: ui.root });
  const list = h("div", { class: "messages", id: "replies", role: "log", "aria-live": "polite", "aria-label": t("thread"), tabindex: "-1" });
  pane.setAttribute("aria-label", t("thread"));
  pane.replaceChildren(h("header", {}, h("div", { class: "title" }, h("h2", {}, t("thread")), h("small", {}, channel ? channelName(channel) : "")),
    h("button", { type: "button", class: "tool", "data-testid": "close-thread", "aria-label": t("close"), on: { click: closeThread } }, "✕")),
  list, h("div", { id: "status", class: "status", role: "status", "data-testid": "status" }), composer("thread", t("reply"), send));
  refreshThread();
  list.stuck = true;
  list.scrollTop = list.scrollHeight;
  return undefined;
}

function refreshThread() {
  const list = $("replies");
  if (!list) return;
  const status = world.statuses.get(`${ui.channel}/${ui.root}`);
  const bot = world.users.get(world.bot.user_id)?.real_name || "";
  $("status").replaceChildren(...(status?.status ? [h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), `${bot} ${status.status}`] : []));
  drawList(list, messagesOf(ui.channel, (each) => (each.thread_ts || each.ts) === ui.root), true);
}

/* ---- changes ---- */

function keep(message) {
  world.messages.set(`${message.channel}/${message.ts}`, message);
}

function learn(state) {
  Object.assign(world, { bot: state.workspace.bot, team: state.workspace.team, shortcuts: state.workspace.shortcuts });
  for (const name of ["users", "bots", "channels", "groups"]) world[name] = new Map(state.workspace[name].map((each) => [each.id, each]));
  world.messages.clear();
  state.messages.forEach(keep);
  world.statuses = new Map(state.statuses.map((each) => [`${each.channel}/${each.thread_ts}`, each]));
  world.views = new Map(Object.entries(state.views));
  world.homes = new Map(Object.entries(state.homes));
}

function take(change) {
  const kinds = {
    message: ({ message }) => {
      const known = world.messages.has(`${message.channel}/${message.ts}`);
      keep(message);
      if (!known && message.channel !== ui.channel && message.user !== ui.me && visible(message)) {
        ui.unread.add(message.channel);
        drawSidebar();
      }
    },
    status: ({ status }) => world.statuses.set(`${status.channel}/${status.thread_ts}`, status),
    view: ({ id, user, open, view }) => {
      world.views.set(id, { ...world.views.get(id), open, ...(view ? { user, view } : {}) });
      drawViews();
    },
    home: ({ user, view }) => {
      world.homes.set(user, view);
      if (ui.tab === "home") drawChannel();
    },
  };
  if (!kinds[change.kind]) return;
  kinds[change.kind](change);
  schedule();
}

let scheduled = false;
function schedule() {
  if (scheduled) return;
  scheduled = true;
  const draw = () => {
    scheduled = false;
    refresh();
  };
  if (document.hidden) setTimeout(draw, 50);
  else requestAnimationFrame(draw);
}

function drawAll() {
  document.documentElement.lang = ui.lang;
  $("skip").textContent = t("skip");
  drawSidebar();
  drawChannel();
  drawThread();
  drawViews();
}

async function load() {
  learn(await (await fetch("/page/state")).json());
  if (!world.users.has(ui.me)) ui.me = [...world.users.values()].find((user) => !user.is_bot && !user.deleted)?.id || "";
  if (!ui.channel) {
    const [channel, root = ""] = decodeURIComponent(location.hash.slice(1)).split("/");
    const mine = myChannels();
    ui.channel = mine.some((each) => each.id === channel) ? channel : mine[0]?.id || "";
    ui.root = ui.channel === channel ? root : "";
  }
  drawAll();
  document.body.dataset.ready = "true";
}

function follow() {
  const feed = new EventSource("/page/feed");
  feed.addEventListener("open", async () => {
    notice("");
    await load();
  });
  feed.addEventListener("message", (event) => take(JSON.parse(event.data)));
  feed.addEventListener("error", () => notice(t("cut"), true));
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing || document.querySelector("dialog[open]")) return;
  if (document.body.classList.contains("menu-open")) document.body.classList.remove("menu-open");
  else if (ui.root) closeThread();
});
$("channel").addEventListener("click", (event) => {
  if (!event.target.closest(".menu-button")) document.body.classList.remove("menu-open");
});
follow();
