"""Sphinx's settings. ``sphinx-build -W docs docs/_build`` builds the site."""

import re
import sys
from pathlib import Path

import skrnn

sys.path.insert(0, str(Path(__file__).parent))
from _repository import add_picture, pictures, read_from_repository

project = "skrnn"
author = copyright = "the skrnn developers"
version = release = skrnn.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx-mathjax-offline",
    "numpydoc",
    "matplotlib.sphinxext.plot_directive",
    "myst_parser",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build"]
templates_path = ["_templates"]
default_role = "literal"  # of names between single backticks, as in docstrings of scikit-learn
smartquotes = False  # they would change what code in texts looks like

# --- text ---

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 4
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
plot_html_show_source_link = plot_html_show_formats = False
plot_formats = [("png", 130)]

# --- API ---

autosummary_generate = True
autodoc_typehints = "none"  # numpydoc's sections have them
autodoc_member_order = "bysource"
toc_object_entries_show_parents = "hide"
numpydoc_class_members_toctree = False
numpydoc_show_inherited_class_members = False
numpydoc_show_class_members = False

# --- gallery ---

# These take longer than a page may: their pictures are those of the repository.
_LONG = "addition|characters|dates|digits|long_lags|own_cell|prices|sunspots|weather|cluster"

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "filename_pattern": rf"/(?!{_LONG})[a-z_]+\.py$",
    "ignore_pattern": r"(^|/)_\w+\.py$",
    "within_subsection_order": "_repository.GalleryOrder",
    "backreferences_dir": "api/backreferences",
    "doc_module": ("skrnn",),
    "reference_url": {"skrnn": None},
    "remove_config_comments": True,
    "download_all_examples": False,
    "show_memory": False,
    "min_reported_time": 1e9,
    "write_computation_times": False,
}

# --- pages ---

html_theme = "pydata_sphinx_theme"
html_title = "skrnn"
html_static_path = ["_static", *pictures()]  # the README shows them on other sites
html_extra_path = ["../CITATION.cff", "../LICENSE"]
html_css_files = ["skrnn.css"]
html_show_sourcelink = False
_ALONE = ["index", "first_forecast", "shapes", "benchmarks", "changelog", "architecture"]
html_sidebars = {page: [] for page in [*_ALONE, "contributing"]}
html_theme_options = {
    "show_prev_next": True,
    "navigation_with_keys": False,
    "navbar_align": "left",
    "header_links_before_dropdown": 6,
    "footer_start": ["copyright"],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
}


def _is_routing(app, what, name, obj, skip, options):
    """Leave out what scikit-learn gives all estimators to route metadata."""
    method = name.rpartition(".")[2]
    return skip or method == "get_metadata_routing" or bool(re.fullmatch("set_.*_request", method))


def setup(app):
    """Connect what reads texts and pictures of the repository."""
    app.connect("source-read", read_from_repository)
    app.connect("source-read", add_picture)
    app.connect("autodoc-skip-member", _is_routing)
