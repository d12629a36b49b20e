// Linked into every sanitized program with the engine. JavaScriptCore works under AddressSanitizer
// with its JIT as it is.

#include <memory>

// The library has no type information but runs std::shared_ptr's code out of our program, where
// UBSan would look for it: this instance, made without that check, comes before the archives'.
template class std::_Sp_counted_base<std::__default_lock_policy>;

// Read by LeakSanitizer at start: about 2 KB of one-time tables are never freed.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libjavascriptcoregtk\n"; }
