"""A loader of prose, for language models."""

from importlib.resources import files

from sklearn.utils import Bunch

_MODULE = "skrnn.datasets"


def load_alice() -> Bunch:
    r"""Load chapters I to IV of "Alice's Adventures in Wonderland" by Lewis Carroll.

    A text is its own label: `RNNClassifier` learns the next character, or word, without y, and
    a `TokenEncoder` before it cuts the text into these.

    ====================  =====
    Paragraphs              140
    Characters            44930
    Different characters     66
    ====================  =====

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        Its attributes are:

        data : list of str of length 140
            The paragraphs, in the order of the book. ``"\n".join(data)`` is the whole text.
        DESCR : str
            Description of the text, with its source and terms.
        filename : str
            Name of the data file in ``data_module``.
        data_module : str
            Package that contains the file.

    Examples
    --------
    >>> from skrnn.datasets import load_alice
    >>> paragraphs = load_alice().data
    >>> len(paragraphs), len("\n".join(paragraphs))
    (140, 44930)
    >>> paragraphs[0][:54]
    'Alice was beginning to get very tired of sitting by he'
    """
    folder = files(_MODULE)
    return Bunch(
        data=folder.joinpath("alice.txt").read_text(encoding="utf-8").splitlines(),
        DESCR=folder.joinpath("alice.rst").read_text(encoding="utf-8"),
        filename="alice.txt",
        data_module=_MODULE,
    )
