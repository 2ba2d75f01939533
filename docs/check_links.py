"""Whether the links of the package's long description lead to pages of the site that was built.

Run ``python docs/check_links.py dist/*.whl docs/_build`` after ``python -m build --wheel`` and
``sphinx-build docs docs/_build``.
"""

import re
import sys
import zipfile
from pathlib import Path

from skrnn._sklearn.estimator_mixin import DOCUMENTATION

_LINK = re.compile(r"\]\(([^)#\s][^)\s]*)\)")


def broken_links(text, site):
    """Links of a Markdown text that aren't absolute, or lead to no page or heading of the site.

    Those within the text itself are checked by the tests, as those of all pages are.
    """
    broken = []
    for link in sorted(set(_LINK.findall(text))):
        page, _, heading = link.removeprefix(DOCUMENTATION).lstrip("/").partition("#")
        if link.startswith(DOCUMENTATION):
            path = site / page
            found = path.is_file() and (not heading or f'id="{heading}"' in path.read_text())
        else:
            found = link.startswith("https://")
        if not found:
            broken.append(link)
    return broken


if __name__ == "__main__":
    wheel, site = sys.argv[1:]
    with zipfile.ZipFile(wheel) as files:
        metadata = next(name for name in files.namelist() if name.endswith("METADATA"))
        text = files.read(metadata).decode()
    wrong = broken_links(text, Path(site))
    print(*wrong or ["All links of the long description lead to a page."], sep="\n")
    sys.exit(bool(wrong))
