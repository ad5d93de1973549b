"""The stages of the pipeline, one file a stage, named as in `dvc.yaml` and `params.yaml`."""
