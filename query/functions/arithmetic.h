// The operators + - * / % on terms.
#ifndef QUERY_FUNCTIONS_ARITHMETIC_H_
#define QUERY_FUNCTIONS_ARITHMETIC_H_

#include "storage/model/number.h"
#include "storage/model/term.h"

namespace annals::functions {

// Numbers by Calculate (storage/model/number.h): exact on integers and decimals, so that 7 / 2 is
// 3.5 and an integer that leaves 64 bits becomes a decimal. Besides:
//   time - time                          duration, from start to start
//   time + duration, time - duration     time (also duration + time)
//   duration + duration, - duration      duration
//   duration * integer, integer * d.     duration
//   duration / duration                  number; months meet seconds only in whole comparisons, so
//                                        both are of months or both of seconds
// The undefined term for whatever else: other types, division by zero, a result out of range.
Term Calculate(NumberOp op, const Term& left, const Term& right);
// Of a number or a duration.
Term Negate(const Term& operand);

}  // namespace annals::functions

#endif  // QUERY_FUNCTIONS_ARITHMETIC_H_
