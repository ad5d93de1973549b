"""The stages of the pipeline, one file a stage, named as in `dvc.yaml` and `params.yaml`."""

from expressions.pipeline.lifeline import end_with_dvc

# Before a stage imports what it needs, which takes seconds.
end_with_dvc()
