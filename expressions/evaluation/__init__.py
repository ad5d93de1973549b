"""How each figure is made: metrics, intervals, breakdowns and their diagrams."""
