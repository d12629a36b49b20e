# Every target of ours links `tidemark_options`: the include root, the warnings and the sanitizers.
add_library(tidemark_options INTERFACE)
target_include_directories(tidemark_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(tidemark_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 sees moved-from variants as uninitialised as soon as it inlines them.
  target_compile_options(tidemark_options INTERFACE -Wno-maybe-uninitialized)
endif()
target_compile_features(tidemark_options INTERFACE cxx_std_20)

if(EMSCRIPTEN)
  # Pages download it: small before fast, across all of it. Nothing of ours throws or asks for type names; what Boost
  # and the library would throw (no memory) ends the module.
  target_compile_options(tidemark_options INTERFACE -Oz -flto -fno-exceptions -fno-rtti)
  target_compile_definitions(tidemark_options INTERFACE NDEBUG BOOST_NO_EXCEPTIONS
                             EMSCRIPTEN_HAS_UNBOUND_TYPE_NAMES=0)
  target_link_options(tidemark_options INTERFACE -Oz -flto -fno-rtti)
endif()

# Sources of the directory's targets through which every row of a poke goes: fast before small, for pages too.
function(tidemark_fast)
  if(EMSCRIPTEN)
    set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS -O2)
  endif()
endfunction()
if(TIDEMARK_SANITIZE)
  target_compile_options(tidemark_options INTERFACE -fsanitize=address,undefined
                         -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(tidemark_options INTERFACE -fsanitize=address,undefined)
endif()
if(TIDEMARK_TSAN)
  target_compile_options(tidemark_options INTERFACE -fsanitize=thread)
  target_link_options(tidemark_options INTERFACE -fsanitize=thread)
endif()
