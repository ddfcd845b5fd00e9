"""What stands on pictures, and what they say to whoever cannot see them."""

from bot.domain.language import Text

CPU_TITLE = Text(ko="{cluster} CPU 사용률", en="{cluster} CPU use")
THRESHOLD = Text(ko="알람 기준 {value}", en="alert above {value}")
KILLED_AT = Text(ko="종료 {time}", en="kill {time}")
CPU_ALT = Text(
    ko="{start}부터 {end}까지 {cluster} 클러스터의 CPU 사용률 그래프. 최저 {low}, 최고 {high}, 마지막"
    " {last}.",
    en="Chart of CPU use of cluster {cluster} from {start} to {end}: lowest {low}, highest {high},"
    " last {last}.",
)
CPU_ALT_THRESHOLD = Text(ko=" 알람 기준 {value}.", en=" The alert's threshold is {value}.")
CPU_ALT_KILLS = Text(ko=" 종료 시각: {times}.", en=" Killed at {times}.")

KILL_TITLE = Text(ko="종료 전후 CPU 사용률", en="CPU before and after the kill")
BEFORE = Text(ko="종료 전", en="before")
AFTER = Text(ko="종료 후", en="after")
KILL_CAPTION = Text(ko="{change} · {names}", en="{change} · {names}")
KILL_ALT = Text(
    ko="종료 전후 CPU 사용률 막대그래프. 종료 전 {before}, 종료 후 {after}, 변화 {change}. 종료한 잡:"
    " {names}.",
    en="Bars of CPU use before and after the kill: {before} before, {after} after, a change of"
    " {change}. Killed: {names}.",
)
