// What the operators of expressions mean.
#ifndef QUERY_ALGEBRA_SCALAR_OPERATORS_H_
#define QUERY_ALGEBRA_SCALAR_OPERATORS_H_

#include <compare>

#include "query/algebra/expression.h"
#include "storage/model/number.h"
#include "storage/model/term.h"
#include "storage/model/time.h"

namespace annals::algebra {

bool Fulfils(CompareOp op, std::partial_ordering ordering);
// By value (CompareValues, EqualValues); false where a side is empty.
bool Compare(CompareOp op, const Term& left, const Term& right);

TimeOp ToTimeOp(TimeOperator op);
NumberOp ToNumberOp(ArithmeticOp op);

}  // namespace annals::algebra

#endif  // QUERY_ALGEBRA_SCALAR_OPERATORS_H_
