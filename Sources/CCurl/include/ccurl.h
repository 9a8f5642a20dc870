#pragma once
// libcurl, loaded on first use: linking it would bring some thirty shared objects into every start.
#include <stddef.h>
