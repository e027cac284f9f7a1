"""The ways to a person: each channel is one small file. `registry` names them all."""
