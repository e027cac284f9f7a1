"""Does an alert keep the contract? Each row of `alertwrap check` is one function here, under its code."""
