// Sums without rounding, so that taking out what was put in leaves nothing behind, and the order of
// the summands does not matter.
//
// ExactSum is a superaccumulator: every finite double is a whole multiple of 2^-1074, and the sum
// is kept as one long integer of 32-bit digits in 64-bit words, whose spare bits put off carries.
// See R. M. Neal, "Fast exact summation using small and large superaccumulators" (2015),
// arXiv:1505.05571. Only the digits between the smallest and the largest that was ever needed are
// kept: a few words for numbers of like size.
#ifndef TIDEMARK_CORE_MODEL_EXACT_SUM_H_
#define TIDEMARK_CORE_MODEL_EXACT_SUM_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace tidemark::model {

/// Holds the sum of as many 64-bit integers as there can be rows.
__extension__ using IntegerSum = __int128;

class ExactSum {
 public:
  /// `number` is finite. To take it out again, add its negative.
  void Add(double number);
  /// The double nearest to the sum (ties to even); none if that is not finite.
  std::optional<double> Round() const;
  /// Numbers that add up to exactly this sum, always the same for the same sum; mostly one, none
  /// for zero.
  std::vector<double> Parts() const;

 private:
  bool IsNegative() const;
  void Reserve(std::size_t first, std::size_t last);
  void Carry();

  std::size_t first_ = 0;  // the power of digits_[0], in digits of 2^32, above 2^-1074
  std::vector<std::int64_t> digits_;
  std::uint32_t adds_ = 0;  // since the last Carry
};

}  // namespace tidemark::model

#endif  // TIDEMARK_CORE_MODEL_EXACT_SUM_H_
