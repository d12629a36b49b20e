// Read by LeakSanitizer at start. JavaScriptCore keeps about 2 KB of one-time tables.

extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libjavascriptcoregtk\n"; }
