#!/usr/bin/env node
// Writes the two tables of README.md anew that quote the benchmark, from test/bench/results.json. `make bench` does so
// itself; this is for after a merge.

import { quoteInReadme } from '../bench/quote.mjs';
import { readResults } from '../bench/results.mjs';

quoteInReadme(readResults());
