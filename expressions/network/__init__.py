"""The networks: their shapes, training, calibration and exports."""
