"""The stages of the pipeline, one file a stage, named as in `dvc.yaml` and `params.yaml`."""

import sys

# Whatever Python somebody's own `dvc` finds gets here, so up to `sys.exit` stands nothing that an
# old one does not know.
_is_ours = sys.version_info >= (3, 11)
if _is_ours:
    from importlib.util import find_spec

    _is_ours = all(find_spec(name) for name in ("pandas", "tensorflow", "typer"))
if not _is_ours:
    sys.exit(
        "error: " + sys.executable + " is not the environment of this project. Run `make setup`, "
        "then `make repro` or `.venv/bin/dvc repro`."
    )

from expressions.pipeline.stage import end_with_dvc  # noqa: E402

# Before a stage imports what it needs, which takes seconds.
end_with_dvc()
