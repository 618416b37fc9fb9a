// All functions that FEEL brings

import './contexts.js';
import './conversion.js';
import './dates.js';
import './lists.js';
import './numeric.js';
import './ranges.js';
import './strings.js';

export { builtins } from './define.js';
