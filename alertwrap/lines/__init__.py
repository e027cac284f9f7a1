"""Every line of Alert Lines, version 1, as a model: the published JSON Schema, and what typed lines are read by."""
