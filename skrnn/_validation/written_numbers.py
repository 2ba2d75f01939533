"""Numbers that are written as text, and how pandas reads them."""

import re
from collections.abc import Sequence
from typing import Any

_NUMBER = re.compile(
    r"(?=.*\d)[-+]?(\d+|\d{1,3}([.,' \u00a0\u202f]\d{3})+)?([.,]\d*)?([eE][-+]?\d+)?"
)
_COMMA_OF_THOUSANDS = re.compile(r"[^,.]*(,\d{3})+(\.\d*)?")
_POINT_OF_THOUSANDS = re.compile(r"[^,.]*(\.\d{3}){2,}|[^,.]*(\.\d{3})+,\d*")


def is_written_number(text: Any) -> bool:
    """Whether a text is a number, perhaps with a decimal comma or separated thousands."""
    return _NUMBER.fullmatch(str(text).strip()) is not None


def is_float(text: Any) -> bool:
    """Whether ``float`` takes it."""
    try:
        float(text)
    except (TypeError, ValueError):
        return False
    return True


def reading_of_numbers(texts: Sequence[Any], column: str) -> tuple[str, str]:
    """The code that reads a column of such texts, and what to tell ``pd.read_csv``."""
    given = [str(text).strip() for text in texts]
    written = [text for text in given if is_written_number(text)]
    options, code = [], column
    separated = [text for text in written if "," in text]
    if any(map(_POINT_OF_THOUSANDS.fullmatch, written)):
        options.append("thousands='.'")
        code += ".str.replace('.', '')"
    if separated and not all(map(_COMMA_OF_THOUSANDS.fullmatch, separated)):
        options.append("decimal=','")
        code += ".str.replace(',', '.')"
    elif separated:
        options.append("thousands=','")
        code += ".str.replace(',', '')"
    others = list(dict.fromkeys(text for text in given if not is_written_number(text)))
    if others:
        options.append(f"na_values={others[:3]}")
    coerce = ", errors='coerce'" if others else ""
    return f"pd.to_numeric({code}{coerce})", f"pd.read_csv(..., {', '.join(options)})"
