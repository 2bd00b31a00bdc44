#!/usr/bin/env node
// Writes the two tables of README.md anew that quote the benchmark, from test/bench/results.json.

import { readFileSync, writeFileSync } from 'node:fs';
import { quoteResults } from '../bench/quote.mjs';
import { readResults } from '../bench/results.mjs';

const text = readFileSync('README.md', 'utf8');
writeFileSync('README.md', quoteResults(text, readResults()));
