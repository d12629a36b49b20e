# SQLite's amalgamation comes from a pinned npm package (see package.json): the same sources natively and in wasm.
set(SQLITE_VERSION_WANTED "3.54.1")
set(SQLITE_DIR ${PROJECT_SOURCE_DIR}/node_modules/better-sqlite3/deps/sqlite3)
if(NOT EXISTS ${SQLITE_DIR}/sqlite3.c)
  message(FATAL_ERROR "SQLite's amalgamation is missing: run 'npm ci --ignore-scripts' first")
endif()
file(STRINGS ${SQLITE_DIR}/sqlite3.h SQLITE_VERSION_LINE REGEX "^#define SQLITE_VERSION  ")
if(NOT SQLITE_VERSION_LINE MATCHES "\"${SQLITE_VERSION_WANTED}\"")
  message(FATAL_ERROR "SQLite ${SQLITE_VERSION_WANTED} is wanted, found: ${SQLITE_VERSION_LINE}")
endif()

add_library(sqlite3 STATIC ${SQLITE_DIR}/sqlite3.c)
target_include_directories(sqlite3 SYSTEM PUBLIC ${SQLITE_DIR})
target_compile_definitions(sqlite3 PUBLIC
  SQLITE_DQS=0 SQLITE_DEFAULT_MEMSTATUS=0 SQLITE_LIKE_DOESNT_MATCH_BLOBS SQLITE_OMIT_DEPRECATED
  SQLITE_OMIT_SHARED_CACHE SQLITE_OMIT_LOAD_EXTENSION SQLITE_OMIT_UTF16
  SQLITE_USE_ALLOCA SQLITE_TEMP_STORE=3)
if(EMSCRIPTEN)
  target_compile_definitions(sqlite3 PUBLIC SQLITE_OS_OTHER=1 SQLITE_THREADSAFE=0 SQLITE_OMIT_AUTOINIT)
  target_compile_options(sqlite3 PRIVATE -Oz -w)
else()
  target_compile_definitions(sqlite3 PUBLIC SQLITE_THREADSAFE=2)
  target_compile_options(sqlite3 PRIVATE -O2 -w)
  target_link_libraries(sqlite3 PUBLIC pthread m)
endif()
