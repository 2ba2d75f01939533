"""Texts of the repository as pages: their links lead to pages of the site, or to downloads."""

import re
from os.path import relpath
from pathlib import Path

DOCS = Path(__file__).parent
ROOT = DOCS.parent

# page -> the text that it shows
PAGES = {
    "architecture": "ARCHITECTURE.md",
    "benchmarks": "benchmarks/README.md",
    "changelog": "CHANGELOG.md",
    "contributing": "CONTRIBUTING.md",
}
_LINK = re.compile(r"(?<=\]\()(?!\w+:|#)([^)#\s]+)(#[^)]*)?(?=\))")


def read_from_repository(app, docname, source):
    """Put the text of the repository on a page that shows one."""
    if docname in PAGES:
        text = ROOT / PAGES[docname]
        source[0] = _LINK.sub(lambda link: _on_site(link, text.parent), text.read_text())


def add_picture(app, docname, source):
    """Put the picture of the repository on the page of an example that isn't run for the site."""
    name = docname.removeprefix("gallery/")
    picture = ROOT / "examples" / f"{name}.png"
    if name != docname and picture.exists() and "image-sg" not in source[0]:
        image = f".. image:: {relpath(picture, DOCS / 'gallery')}\n"
        source[0] = re.sub(r"(?<=\n)(===+\n)", rf"\1\n{image}", source[0], count=1)


def pictures():
    """Pictures of the repository, relative to this folder."""
    found = [*ROOT.glob("examples/**/*.png"), *ROOT.glob("benchmarks/*.png")]
    return sorted(relpath(path, DOCS) for path in found if path.parent.name != "output")


def _on_site(link, folder):
    """The target of a link that is relative to a folder of the repository."""
    target, anchor = (folder / link[1]).resolve(), link[2] or ""
    name = target.relative_to(ROOT).as_posix()
    for page, text in PAGES.items():
        if name == text:
            return f"{page}.md{anchor}"
    if name == "README.md":
        return f"index.md{anchor}"
    if re.fullmatch(r"examples/.*\.py", name):
        return f"gallery/{name.removeprefix('examples/').removesuffix('.py')}.rst"
    return relpath(target, DOCS) + anchor
