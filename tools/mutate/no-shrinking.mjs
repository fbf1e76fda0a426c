import fc from 'fast-check';

// Whether a mutant is seen is all that counts; nobody reads the counterexample.
fc.configureGlobal({ endOnFailure: true });
