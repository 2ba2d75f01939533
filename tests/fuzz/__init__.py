"""Random calls of the whole public surface, each from one seed.

A case draws an estimator or a transformer, its parameters and its data from
``np.random.RandomState(seed)``, calls it, and checks what holds for all calls. It asserts no
particular value. ``python -m tests.fuzz --help`` says how to run many cases, and to replay one.
"""
