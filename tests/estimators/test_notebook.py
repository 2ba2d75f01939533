"""What notebooks show: the description of each parameter, and a link to the estimator's page."""

import html
import inspect
import re
from importlib.metadata import metadata

import pytest
import sklearn
from sklearn.base import BaseEstimator
from sklearn.utils.fixes import parse_version

import skrnn
from skrnn import RNNRegressor
from skrnn._sklearn.estimator_mixin import DOCUMENTATION

PUBLIC = [getattr(skrnn, name) for name in skrnn.__all__]
ESTIMATORS = [c for c in PUBLIC if inspect.isclass(c) and issubclass(c, BaseEstimator)]

pytestmark = pytest.mark.skipif(
    parse_version(sklearn.__version__) < parse_version("1.8"),
    reason="scikit-learn describes parameters from 1.8 on",
)


@pytest.mark.parametrize("cls", ESTIMATORS, ids=lambda cls: cls.__name__)
def test_each_parameter_is_described(cls):
    shown = cls()._repr_html_()
    described = re.findall(r'class="param-doc-description"[^>]*>\s*(\w+): ([^<]+)<br><br>', shown)
    assert [name for name, _ in described] == list(inspect.signature(cls).parameters)
    for name, kind in described:
        assert re.search(rf"^ *{name} : {re.escape(html.unescape(kind))}$", cls.__doc__, re.M)
    assert f"/api/generated/skrnn.{cls.__name__}.html" in shown


def test_classes_of_users_have_no_link():
    class Own(RNNRegressor):
        pass

    assert Own()._get_doc_link() == ""
    assert RNNRegressor()._get_doc_link().endswith("skrnn.RNNRegressor.html")


def test_links_lead_to_the_documentation_of_the_package():
    """Its address stands in the metadata, too, as do those of the links of the README."""
    addresses = metadata("skrnn").get_all("Project-URL")
    assert f"Documentation, {DOCUMENTATION}" in addresses
    assert RNNRegressor()._get_doc_link().startswith(f"{DOCUMENTATION}/api/generated/")
