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
    """Put the text of the repository on a page that shows one, and lead links of all to pages."""
    path = app.env.doc2path(docname)
    if docname in PAGES:
        path = ROOT / PAGES[docname]
        source[0] = path.read_text()
    if str(path).endswith(".md"):
        folders = Path(path).parent, (DOCS / docname).parent
        source[0] = _LINK.sub(lambda link: _on_site(link, *folders), source[0])


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


def _on_site(link, folder, of_page):
    """The target of a link that is relative to a folder, from the folder of the page."""
    target, anchor = (folder / link[1]).resolve(), link[2] or ""
    if not target.is_relative_to(ROOT):
        return link[0]
    name = target.relative_to(ROOT).as_posix()
    for page, text in {**PAGES, "index": "README.md"}.items():
        if name == text:
            target = DOCS / f"{page}.md"
    if re.fullmatch(r"examples/(.*/)?[a-z]\w*\.py", name):
        target = DOCS / name.replace("examples/", "gallery/", 1).replace(".py", ".rst")
    return relpath(target, of_page) + anchor


class GalleryOrder:
    """The order of examples: as the page on shapes has it, otherwise by file name."""

    def __init__(self, folder):
        self._first = re.findall(r"examples/tutorials/(\w+\.py)", (DOCS / "shapes.md").read_text())

    def __call__(self, name):
        """Key of a script."""
        return (self._first.index(name) if name in self._first else len(self._first)), name
