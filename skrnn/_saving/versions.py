"""What a report of a bug needs: versions of everything that matters."""

import platform
import sys
from importlib.metadata import PackageNotFoundError, version

import threadpoolctl  # comes with scikit-learn

from .version import __version__

_DEPENDENCIES = ["numpy", "scipy", "scikit-learn", "joblib", "threadpoolctl"]
_OPTIONAL = ["pandas", "polars", "pyarrow", "matplotlib", "onnx", "onnxruntime", "skl2onnx"]
_OPTIONAL += ["skops", "mlflow", "torch", "keras", "dask"]


def show_versions() -> None:
    """Print the versions of skrnn, Python and all packages that matter, for reports of bugs.

    No package is imported for it. The last lines say which BLAS libraries are loaded, and how many
    threads they may use, as the speed of a fit hangs on it.

    See Also
    --------
    sklearn.show_versions : The same for scikit-learn.

    Examples
    --------
    >>> from skrnn import show_versions
    >>> show_versions()  # doctest: +ELLIPSIS
    <BLANKLINE>
    System:
            python: 3...
    """
    system = {
        "python": sys.version.replace("\n", " "),
        "executable": sys.executable,
        "machine": platform.platform(),
    }
    packages = {"skrnn": __version__, **_installed(_DEPENDENCIES + _OPTIONAL)}
    threads = [(f"Threads of {row['prefix']}", row) for row in threadpoolctl.threadpool_info()]
    for title, rows in [("System", system), ("Python dependencies", packages), *threads]:
        width = max(map(len, rows)) + 4
        print(
            f"\n{title}:", *(f"{name:>{width}}: {value}" for name, value in rows.items()), sep="\n"
        )


def _installed(names):
    found = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
