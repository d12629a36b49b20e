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
  target_compile_options(tidemark_options INTERFACE -fwasm-exceptions)
  target_link_options(tidemark_options INTERFACE -fwasm-exceptions)
endif()
if(TIDEMARK_SANITIZE)
  target_compile_options(tidemark_options INTERFACE -fsanitize=address,undefined
                         -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(tidemark_options INTERFACE -fsanitize=address,undefined)
endif()
if(TIDEMARK_TSAN)
  target_compile_options(tidemark_options INTERFACE -fsanitize=thread)
  target_link_options(tidemark_options INTERFACE -fsanitize=thread)
endif()
