"""Error messages people paste: what JVMs, Spark, YARN and HDFS print when something breaks."""

import re

_PRINTED = re.compile(
    r"\b[a-z_$][\w.$]*(?:exception|error)\b(?<!\berror)(?<!\bexception)"
    r"|\bexit(?:ed)?\s*(?:with|code|status)|\bnon-zero exit"
    r"|\bkilled by (?:yarn|oom|the (?:oom|kernel|external))"
    r"|\bexceed(?:s|ed|ing)? (?:physical |virtual )?(?:memory|the (?:memory )?limit)"
    r"|\blimit exceeded|\bout of memory\b|\bheap space\b|\boverhead limit"
    r"|\b(?:lost|dead) (?:executor|task|worker|datanode)|\bexecutors? (?:\w+ )?(?:lost|dead)\b"
    r"|\b(?:job|stage|task|query) (?:\S+ )?(?:aborted|failure)|\bfetch ?fail(?:ed|ure)"
    r"|\bconnection (?:refused|reset|timed out)|\bread timed out|\bbroken pipe"
    r"|\bno space left on device|\bpermission denied|\bsafe ?mode is on"
    r"|\b(?:missing|corrupt|under-?replicated) blocks?|\bbad substitution"
    r"|\bcontainer (?:\S+ )?(?:exited|killed|released)",
    re.IGNORECASE,
)


def is_error_text(text: str) -> bool:
    """Tell whether the words hold a message that a program printed."""
    return _PRINTED.search(text) is not None
