"""What stands beside the talk, as HTML: threads, the cluster, kill cards. All names are escaped."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from html import escape
from typing import Any

from bot.api.client import GatewayError, Json
from bot.domain.language import Language
from bot.texts import console as texts
from bot.texts.cards import CAUTIONS, TARGET

HIGH_CPU = 80.0  # percent; an open alert's own threshold goes before it
GIB = 2**30
# Times in the reader's zone; tables that scroll can be reached by keyboard.
MEND = """() => {
  const told = new Intl.DateTimeFormat(undefined, {month: "2-digit", day: "2-digit",
    hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
    timeZoneName: "short"});
  const here = () => {
    document.querySelectorAll("time:not([data-here])").forEach(each => {
      each.dataset.here = "";
      each.textContent = told.format(new Date(each.dateTime));
    });
    document.querySelectorAll(".message table").forEach(each => { each.tabIndex = 0; });
  };
  here();
  new MutationObserver(here).observe(document.body, {childList: true, subtree: true});
}"""


def threads_html(
    threads: Sequence[Json], investigations: Sequence[Json], open_id: str, language: Language
) -> str:
    """Return the lists on the left: a link for each thread, a line for each alert."""
    links = (
        f'<li><a href="?thread={escape(each["thread"])}"'
        f"{' aria-current=page' if each['thread'] == open_id else ''}>"
        f"{escape(each['title']) or escape(each['thread'])}</a></li>"
        for each in threads
    )
    saved = f"/{language.value}/threads/{escape(open_id)}.md"
    save = f'<a href="{saved}" download>{texts.SAVE(language)}</a>'
    kept = any(each["thread"] == open_id for each in threads)
    alerts = (
        f"<li><b>{texts.OPEN(language) if each['closed_at'] is None else texts.OVER(language)}</b> "
        f"{escape(each['title'])} <small>{moment(each['opened_at'])}</small></li>"
        for each in investigations
    )
    return (
        f'<nav aria-label="{texts.THREADS(language)}"><h2>{texts.THREADS(language)}</h2>'
        f"{_listed(links) or quiet(texts.NO_THREADS(language))}{quiet(save) if kept else ''}</nav>"
        f"<section><h2>{texts.ALERTS(language)}</h2>"
        f"{_listed(alerts) or quiet(texts.NO_ALERTS(language))}</section>"
    )


def threshold_of(investigations: Iterable[Json]) -> float:
    """Return the percentage that an open alert fires above, else the usual one."""
    told = (each["threshold"] for each in investigations if each["closed_at"] is None)
    return next((float(each) for each in told if each), HIGH_CPU)


def cluster_html(metrics: Json, jobs: Json, threshold: float, language: Language) -> str:
    """Return how busy the cluster is, and the jobs that hold most of it."""
    found = metrics["result"]
    lines = [
        f"<h2>{texts.NOW(language)}</h2>",
        _gauge("CPU", found["cpu"], language, threshold),
        _gauge(texts.MEMORY(language), found["memory"], language),
        f"<p>{_nodes(found, language)}</p>",
    ]
    if missing := {each["system"] for each in (*metrics["missing"], *jobs["missing"])}:
        names = escape(", ".join(sorted(missing)))
        lines.append(f'<p class="warn">{texts.UNREAD(language, systems=names)}</p>')
    rows = jobs["result"]["listing"]["rows"]
    heads = (texts.NAME_OF_JOB, texts.USER, texts.CORES)
    told = ((each["name"], each["user"], _figure(each["cores"])) for each in rows)
    lines.append(
        table_html(texts.TOP_JOBS(language), [head(language) for head in heads], map(_cells, told))
    )
    lines.append(quiet(texts.AS_OF(language, at=moment(metrics["at"]))))
    return "".join(lines)


def card_html(card: Json, language: Language) -> str:
    """Return a card: where it stands, exactly what would die, who asked, the effect."""
    named = (texts.NAME_OF_JOB, texts.USER, texts.QUEUE, texts.CORES, texts.MEMORY)
    heads = ("#", *(each(language) for each in named))
    rows = (
        (
            _figure(each["rank"]),
            f"{each['name']}\n{each['id']}",
            each["user"],
            each["queue"],
            _figure(each["cores"]),
            "?" if each["memory"] is None else f"{each['memory'] / GIB:.0f} GiB",
        )
        for each in card["targets"]
    )
    lines = [table_html(card["message"], heads, map(_cells, rows))]
    if card["state"] in {"claimed", "done"}:
        ends = (f"{each['name']}: {TARGET[each['state']](language)}" for each in card["targets"])
        lines += [f"<p>{escape(end)}</p>" for end in ends]
    for each in card["targets"]:
        if told := [CAUTIONS[one](language, user=each["user"]) for one in each["cautions"]]:
            words = f"⚠ {each['name']}: {', '.join(told)}"
            lines.append(f'<p class="warn">{escape(words)}</p>')
    if card["cpu_before"] is not None and card["cpu_after"] is not None:
        before, after = round(card["cpu_before"]), round(card["cpu_after"])
        lines.append(f"<p><b>{texts.EFFECT(language, before=before, after=after)}</b></p>")
    who, until = escape(card["requester"]), moment(card["expires_at"])
    asked = texts.ASKED_BY_UNTIL if card["state"] == "pending" else texts.ASKED_BY
    lines.append(quiet(asked(language, who=who, until=until)))
    return f'<div class="card {escape(card["state"])}">{"".join(lines)}</div>'


def failed(error: GatewayError, language: Language) -> str:
    """Return a failure in a person's words, as HTML or Markdown takes them."""
    if error.code == "unreachable":
        return texts.UNREACHABLE(language)
    if error.code == "no_scope":
        return texts.NO_SCOPE(language)
    return texts.FAILED(language, reason=escape(str(error)))


def _gauge(name: str, gauge: Json | None, language: Language, threshold: float = 0.0) -> str:
    if gauge is None:
        return f"<p>{name}: {texts.UNKNOWN(language)}</p>"
    percent = float(gauge["percent"])
    high = bool(threshold) and percent >= threshold
    limit = texts.THRESHOLD(language, percent=f"{threshold:g}") if threshold else ""
    mark = f'<i style="left:{threshold:g}%"></i>' if threshold else ""
    basis = "" if gauge["basis"] == "measured" else f" · {texts.GRANTED(language)}"
    return (
        f"<p><b>{name} {percent:.0f}%</b>{' · ⚠' if high else ''} <small>{limit}{basis}</small></p>"
        f'<div class="bar{" high" if high else ""}" aria-hidden="true">'
        f'<b style="width:{min(percent, 100):g}%"></b>{mark}</div>'
    )


def _nodes(found: Json, language: Language) -> str:
    counts = found["node_counts"] or {"members": len(found["nodes"])}
    faulty = sum(counts.get(each, 0) for each in ("unhealthy", "lost", "rebooted"))
    told = texts.NODES(language, members=counts["members"], faulty=faulty)
    running, waiting = found["applications_running"], found["applications_waiting"]
    jobs = texts.JOBS(language, running=_figure(running), waiting=_figure(waiting))
    return f"{told} · {jobs}"


def table_html(caption: str, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table that scrolls by itself; what stands in its cells is HTML."""
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in heads)
    body = "".join(f"<tr>{''.join(f'<td>{each}</td>' for each in row)}</tr>" for row in rows)
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(caption)}"><table>'
        f"<caption>{escape(caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cells(row: Iterable[str]) -> Iterator[str]:
    """Yield cells; what stands on a second line is less than the first."""
    for text in row:
        first, _, second = text.partition("\n")
        yield f"{escape(first)}{f'<small>{escape(second)}</small>' if second else ''}"


def _listed(items: Iterable[str]) -> str:
    body = "".join(items)
    return f"<ul>{body}</ul>" if body else ""


def quiet(text: str) -> str:
    """Return a line that is less than the others; it is HTML."""
    return f"<p><small>{text}</small></p>"


def moment(text: str) -> str:
    """Return a time as a `time` element, which the page shows in the reader's own zone."""
    at = datetime.fromisoformat(text)
    return f'<time datetime="{escape(text)}">{at:%m-%d %H:%M} {at:%Z}</time>'


def _figure(value: Any) -> str:
    return "?" if value is None else f"{value:g}"
