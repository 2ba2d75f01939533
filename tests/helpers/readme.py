"""The code of the README."""

import re
from pathlib import Path

README = (Path(__file__).parents[2] / "README.md").read_text()
OTHER_LIBRARIES = "In skforecast, mlforecast, darts, sktime, aeon"  # need the extra ecosystem


def code_blocks(*, of_other_libraries):
    """The blocks of Python of the section about other libraries, or all the others."""
    blocks = []
    for section in re.split(r"^## ", README, flags=re.MULTILINE):
        if section.startswith(OTHER_LIBRARIES) == of_other_libraries:
            blocks += re.findall(r"```python\n(.*?)```", section, flags=re.DOTALL)
    return blocks
