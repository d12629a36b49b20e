// An error as JSON, `{"code","appCode"?,"message","details"?}`: the one form in which errors are
// stored and travel.
#ifndef TIDEMARK_CORE_MODEL_ERROR_JSON_H_
#define TIDEMARK_CORE_MODEL_ERROR_JSON_H_

#include <string>
#include <string_view>

#include "core/base/result.h"

namespace tidemark::model {

std::string ErrorToJson(const Error& error);

/// Never fails: text that is not an error document becomes a kInternal error that quotes it.
Error ErrorFromJson(std::string_view json);

}  // namespace tidemark::model

#endif  // TIDEMARK_CORE_MODEL_ERROR_JSON_H_
