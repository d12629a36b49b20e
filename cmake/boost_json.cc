// Boost.JSON has no library for wasm on the system: this one file compiles its sources.
#include <boost/json/src.hpp>
