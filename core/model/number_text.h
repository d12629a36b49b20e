// Numbers as text, the same in every build: shortest digits that read back as the same double, in
// JavaScript's notation (ECMA-262, Number::toString), and correctly rounded reading.
#ifndef TIDEMARK_CORE_MODEL_NUMBER_TEXT_H_
#define TIDEMARK_CORE_MODEL_NUMBER_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace tidemark::model {

void AppendInteger(std::string& out, std::int64_t integer);

/// `number` must be finite. -0 is written as 0.
void AppendNumber(std::string& out, double number);

/// The double nearest to `text`, which must be a number in JSON's grammar. Too large: infinity.
double ParseNumber(std::string_view text);

}  // namespace tidemark::model

#endif  // TIDEMARK_CORE_MODEL_NUMBER_TEXT_H_
