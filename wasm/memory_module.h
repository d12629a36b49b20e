// What both modules' classes share: memory for the input of a call and for all that follows from
// it.
#ifndef TIDEMARK_WASM_MEMORY_MODULE_H_
#define TIDEMARK_WASM_MEMORY_MODULE_H_

#include <cstdint>
#include <string_view>

#include "core/base/result.h"
#include "core/model/error_json.h"
#include "wasm/input.h"
#include "wasm/output_buffer.h"

namespace tidemark::wasm {

class MemoryModule {
 public:
  std::uint32_t reserve(std::uint32_t bytes) { return input_.Reserve(bytes); }
  std::uint32_t output() const {
    return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(output_.data()));
  }

 protected:
  void Return(std::string_view json) { output_.Add(SectionKind::kResult, 0, json); }
  void Fail(const Error& error) { output_.Add(SectionKind::kError, 0, model::ErrorToJson(error)); }

  InputBuffer input_;
  OutputBuffer output_;
};

}  // namespace tidemark::wasm

#endif  // TIDEMARK_WASM_MEMORY_MODULE_H_
